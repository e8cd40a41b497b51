"""What is known of the difference between this gateway and the recorded one: the lists of tests/data, read and counted.

`shape_differences.json` says what of an answer is different and why, `not_offered.json` and `not_sent.json` which
methods and events are missing and why. The contract tests hold every line of them; docs/compatibility.md prints them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any

NODE_HOST = frozenset(("node.event", "node.pluginTools.update", "node.runnerInventory.update", "node.skills.update"))
"""What `openclaw node run` calls: a client of another role, for the day when nodes are served."""
DATA = Path(__file__).parents[1] / "data"


def _read(name: str) -> Any:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Difference:
    """What is different in a method's answers; clients that read the recorded ones work with what is `in_shape`.

    `sometimes`: it depends on what was quicker.
    """

    method: str
    what: tuple[str, ...]
    reason: str
    in_shape: bool
    sometimes: bool


class Ledger:
    """The lists. `offered` are this gateway's methods, `sent` its events."""

    def __init__(self, offered: Collection[str], sent: Collection[str]) -> None:
        self.offered, self.sent = offered, sent
        self.shapes: Mapping[str, Any] = _read("shapes/methods")
        self.advertised: Mapping[str, list[str]] = _read("advertised")
        self.not_offered = _patterns(_read("not_offered"), "methods")
        self.not_sent = _patterns(_read("not_sent"), "events")

    @cached_property
    def differences(self) -> list[Difference]:
        """Every listed difference of an answer."""
        listed = _read("shape_differences")
        reasons: Mapping[str, Any] = listed["reasons"]
        return [
            Difference(
                method=row["method"],
                what=tuple(row["what"]),
                reason=reasons[row["why"]]["text"],
                in_shape=reasons[row["why"]]["in_shape"],
                sometimes=row.get("sometimes", False),
            )
            for row in listed["differences"]
        ]

    @cached_property
    def called(self) -> list[str]:
        """The methods that the original's command line and page call."""
        return [name for name, line in self.shapes.items() if line["clients"] and name not in NODE_HOST]

    @cached_property
    def in_shape(self) -> list[str]:
        """Those of them that answer as recorded, or with no more than `in_shape` differences."""
        apart = {difference.method for difference in self.differences if not difference.in_shape}
        return [name for name in self.called if name in self.offered and name not in apart]

    def missing_methods(self) -> list[str]:
        """What the recorded gateway advertises and this one does not have."""
        return [name for name in self.advertised["methods"] if name not in self.offered]

    def missing_events(self) -> list[str]:
        """What the recorded gateway may send and this one never does."""
        return [name for name in self.advertised["events"] if name not in self.sent]


def _patterns(rows: Iterable[Mapping[str, Any]], key: str) -> dict[str, str]:
    return {pattern: row["reason"] for row in rows for pattern in row[key]}


def reason_of(name: str, patterns: Mapping[str, str]) -> str | None:
    """Why a name is missing: the longest pattern that it matches decides."""
    return next((patterns[p] for p in sorted(patterns, key=len, reverse=True) if fnmatchcase(name, p)), None)


def is_listed(told: str, what: Collection[str]) -> bool:
    """Whether one of the listed differences is meant; `*` in them stands for anything."""
    return any(fnmatchcase(told, pattern.replace("[", "[[]")) for pattern in what)
