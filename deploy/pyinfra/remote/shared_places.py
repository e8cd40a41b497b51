"""Runs on a host: directories of two gateways that are one because a link leads there. Standard library only.

The fleet file cannot know that; what it can know, it was told before.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import combinations, product
from typing import Any

STATE, WORKSPACE = "stateDir", "workspace"
APART = ((STATE, STATE), (WORKSPACE, WORKSPACE), (STATE, WORKSPACE), (WORKSPACE, STATE))
"""Which directory of one gateway must not be, or hold, which of another; a workspace in a state dir is a warning."""


def shared_places(specs: Sequence[dict[str, Any]]) -> Iterator[tuple[str, str, str]]:
    """Message, cure and level of every pair of directories that links make one, or put into each other."""
    for one, other in combinations(specs, 2):
        for mine, theirs in APART:
            paths = one[mine], other[theirs]
            real = os.path.realpath(paths[0]), os.path.realpath(paths[1])
            if real == paths or not meet(*real):
                continue
            message = f"{mine} {paths[0]} of {one['id']} and {theirs} {paths[1]} of {other['id']} lead to one place"
            is_default = mine != theirs and real[0] != real[1] and is_inside(*pair(mine, real))
            yield (
                f"{message}: {real[0]}, {real[1]}",
                "give each its own, without links",
                "warning" if is_default else "error",
            )


def pair(mine: str, real: tuple[str, str]) -> tuple[str, str]:
    """The workspace, then the state dir."""
    return real if mine == WORKSPACE else (real[1], real[0])


def meet(one: str, other: str) -> bool:
    """Whether the two are one place, or one lies in the other."""
    return one == other or any(is_inside(*both) for both in product((one, other), repeat=2))


def is_inside(inner: str, outer: str) -> bool:
    """Whether the one lies below the other."""
    return inner.startswith(f"{outer.rstrip('/')}/")
