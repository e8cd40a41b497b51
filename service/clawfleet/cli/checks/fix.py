"""Does what the findings' mends can do, each once, and says what was changed and what could not be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from clawfleet.cli.checks.finding import Change, Finding
from clawfleet.core.errors import GatewayError

Ask = Callable[[str], bool]
"""Shows a question and says whether the answer was yes."""


@dataclass(frozen=True, slots=True)
class Done:
    """What `--fix` did. `failures` are one line each."""

    changes: tuple[Change, ...] = ()
    diffs: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()


def mend_all(findings: Iterable[Finding], ask: Ask) -> Done:
    """Apply the mends of `findings`; one that needs a yes is left out without it."""
    changes: list[Change] = []
    diffs: list[str] = []
    failures: list[str] = []
    for mend in dict.fromkeys(finding.mend for finding in findings if finding.mend is not None):
        if mend.question and not ask(mend.question):
            continue
        try:
            mended = mend.apply()
        except (GatewayError, OSError) as error:
            failures.append(str(error))
            continue
        changes += mended.changes
        diffs += [mended.diff] if mended.diff else []
    return Done(tuple(changes), tuple(diffs), tuple(failures))
