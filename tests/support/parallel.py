"""Tests on several processes: which stay together, which come first, and what only one may do at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

TOGETHER = ("tests/deploy",)
"""Folders whose modules share what takes long to set up: one process runs the whole folder."""
FIRST = ("tests/deploy/", "tests/integration/", "tests/browser/", "tests/contract/")
"""The long ones, in the order to begin them, so that no process works alone at the end."""


class ByModule(LoadScopeScheduling):  # type: ignore[misc]
    """Hands out whole modules, or whole folders, so that their fixtures are set up once."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


def scope_of(nodeid: str) -> str:
    """What runs together with this test: `tests/unit/core/test_ids.py`, `tests/deploy`."""
    folder = next((each for each in TOGETHER if nodeid.startswith(f"{each}/")), None)
    return folder or nodeid.partition("::")[0]


def turn_of(nodeid: str) -> int:
    """When this test begins, among the others: the sort key of the whole run."""
    return next((turn for turn, folder in enumerate(FIRST) if nodeid.startswith(folder)), len(FIRST))


@contextmanager
def one_at_a_time(name: str) -> Iterator[Path]:
    """Holds the lock of that name against every other test process of this user; gives the folder for kept files."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "clawfleet-tests"
    base.mkdir(parents=True, exist_ok=True)
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield base
