"""What a check has to say: how bad, about what, by which evidence, and what mends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

Severity = Literal["error", "warning", "info"]

RANK = {"error": 0, "warning": 1, "info": 2}
"""Worst first."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was mended. `old` and `new` never show a secret."""

    path: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.path}: {self.old} -> {self.new}"


@dataclass(frozen=True, slots=True)
class Mended:
    """What a mend did; `diff` is the change of a text file, for people, without secrets."""

    changes: tuple[Change, ...] = ()
    diff: str = ""


class Mend(Protocol):
    """Something that `--fix` can do. Equal mends are done once; a second time there is nothing left to do."""

    @property
    def question(self) -> str:
        """What it would do, as a question to somebody at a terminal; empty when nobody need be asked."""

    def apply(self) -> Mended:
        """What was changed. Raises GatewayError or OSError when it cannot be."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found.

    `path` is the file or config key it is about, `evidence` what was seen, `fix` the command or sentence that mends it.
    `mend` does so by itself; None where a person must decide.
    """

    check_id: str
    severity: Severity
    message: str
    path: str = ""
    evidence: str = ""
    fix: str = ""
    mend: Mend | None = None
