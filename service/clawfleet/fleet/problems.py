"""What is wrong with a fleet: one record per finding, all of them reported at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from clawfleet.core.counts import counted
from clawfleet.core.errors import GatewayError


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. `check` is the id of deploy §5 (`A1` …) or a word for what is not numbered there.

    `message` names every side that takes part; `hint` says what to change. Neither holds a secret.
    """

    check: str
    message: str
    hint: str
    level: Literal["error", "warning"] = "error"

    def row(self) -> dict[str, str]:
        """The same for a program."""
        return {"check": self.check, "level": self.level, "message": self.message, "hint": self.hint}

    def __str__(self) -> str:
        mark = "✗" if self.level == "error" else "!"
        return f"{mark} [{self.check}] {self.message}\n    {self.hint}"


class FleetInvalidError(GatewayError):
    """The fleet cannot be deployed; no host was contacted."""

    code = "FLEET_INVALID"
    exit_code = 3

    def __init__(self, source: str, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        count = len([problem for problem in self.problems if problem.level == "error"])
        super().__init__(
            f"{source}: {counted(count, 'problem')}, nothing was contacted",
            hint="change the fleet file as said under each problem and run again",
        )

    def report(self) -> str:
        """The findings as text for a person: errors first, each with its cure."""
        ordered = sorted(self.problems, key=lambda problem: problem.level == "warning")
        return "\n".join([self.message, *(str(problem) for problem in ordered)])
