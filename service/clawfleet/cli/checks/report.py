"""Findings as people and as programs read them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from clawfleet.cli.checks.finding import Finding
from clawfleet.cli.checks.fix import Done
from clawfleet.cli.checks.table import Outcome
from clawfleet.core.counts import counted
from clawfleet.core.text import printable

WIDTH = 80
SIGNS = {"error": "✗", "warning": "!", "info": "·"}


def finding_lines(finding: Finding) -> Iterator[str]:
    """One finding: its sign, id and place; what it is; what was seen; what mends it."""
    yield printable(f"{SIGNS[finding.severity]} {finding.check_id}{f'  {finding.path}' if finding.path else ''}")
    for line in finding.message.splitlines():
        yield from _wrapped(line, "  ")
    if finding.evidence:
        yield from _wrapped(f"seen: {finding.evidence}", "  ")
    if finding.fix:
        yield from _wrapped(f"fix:  {finding.fix}", "  ", after="        ")


def summary(outcome: Outcome) -> str:
    """`24 checks, 2 skipped: 1 error, 2 warnings, 3 notes`."""
    skipped = f", {outcome.skipped} skipped" if outcome.skipped else ""
    counts = [
        counted(outcome.count("error"), "error"),
        counted(outcome.count("warning"), "warning"),
        counted(outcome.count("info"), "note"),
    ]
    return f"{counted(outcome.run, 'check')}{skipped}: {', '.join(counts)}"


def done_lines(done: Done) -> Iterator[str]:
    """What `--fix` did, one change a line, and the diffs below."""
    if done.changes:
        yield "Changed:"
    yield from (printable(f"  {change}") for change in done.changes)
    for diff in done.diffs:
        yield ""
        yield from (printable(line) for line in diff.splitlines())
    for failure in done.failures:
        yield printable(f"✗ not changed: {failure}")
    if not (done.changes or done.failures):
        yield "Nothing was changed."


def report_json(outcome: Outcome, done: Done | None = None) -> dict[str, Any]:
    """The outcome with OpenClaw's keys (config-and-cli §6.4); with `done` also what was changed."""
    document: dict[str, Any] = {
        "schemaVersion": 1,
        "ok": outcome.ok,
        "checksRun": outcome.run,
        "checksSkipped": outcome.skipped,
        "findings": [finding_json(finding) for finding in outcome.findings],
    }
    if done is not None:
        document["changes"] = changes_json(done)
        document["diff"] = "\n".join(done.diffs)
        document["failures"] = list(done.failures)
    return document


def changes_json(done: Done) -> list[dict[str, str]]:
    """The changes, one object each."""
    return [{"path": change.path, "old": change.old, "new": change.new} for change in done.changes]


def finding_json(finding: Finding) -> dict[str, Any]:
    """One finding; what it has nothing to say of is left out."""
    told = {"path": finding.path, "evidence": finding.evidence, "fixHint": finding.fix}
    return {
        "checkId": finding.check_id,
        "severity": finding.severity,
        "message": finding.message,
        **{key: value for key, value in told.items() if value},
        "fixable": finding.mend is not None,
    }


def _wrapped(text: str, indent: str, *, after: str | None = None) -> list[str]:
    return textwrap.wrap(
        printable(text),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=after if after is not None else indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
