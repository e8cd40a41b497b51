"""Several fleet files as one: hosts and groups by name, everything else in one file only. Never one silently on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from clawfleet.fleet.problems import Problem

NAMED = ("hosts", "groups")
"""Sections whose entries may lie in different files; each entry in one."""

REPEATED = ("version",)
"""Keys that every file may have, as long as they all say the same."""


@dataclass
class Merged:
    """The tree that the files make together, the file of every entry, and what stands in two of them."""

    tree: dict[str, Any] = field(default_factory=dict)
    origins: dict[tuple[str, ...], str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def origin(self, location: Sequence[object]) -> str | None:
        """The file that a place of the tree comes from; None for the tree as a whole."""
        path = tuple(str(part) for part in location)
        return self.origins.get(path[:2]) or self.origins.get(path[:1])


def merged(trees: Mapping[str, dict[str, Any]]) -> Merged:
    """The trees of all files (name → tree) as one; what two of them say differently is a problem that names both."""
    whole = Merged()
    for source, tree in trees.items():
        for key, value in tree.items():
            section = whole.tree.setdefault(key, {}) if key in NAMED and isinstance(value, Mapping) else None
            if isinstance(section, dict) and isinstance(value, Mapping):
                for name, entry in value.items():
                    _put(whole, section, (key, name), entry, source)
            else:
                _put(whole, whole.tree, (key,), value, source)
    return whole


def _put(whole: Merged, into: dict[str, Any], path: tuple[str, ...], value: Any, source: str) -> None:
    name = path[-1]
    former = whole.origins.setdefault(path, source)
    if former == source or (path[0] in REPEATED and into[name] == value):
        into[name] = value
        return
    message = f"{'.'.join(path)}: written in both {former} and {source}"
    whole.problems.append(Problem("key", message, "keep it in one of the files"))
