"""Commands on this host that outlived their gateway: known by marks in their environment, ended by the next one.

A gateway that stops ends its commands itself; one that is killed cannot. Only where there is /proc, that is on Linux.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

OWNER = "OPENCLAW_EXEC_OWNER"
"""Names the gateway (before the dot) and its process (behind it)."""
GROUP = "OPENCLAW_EXEC_GROUP"
"""The process group that a command began with. What left it, as a daemon does, is nobody's leftover."""
LEAD = f'{GROUP}=$$ exec "$0" "$@"'
"""A shell script that becomes the program it is given, with that mark."""


def end_leftovers(owner: str) -> int:
    """How many process groups of an earlier process of the same gateway were ended."""
    gateway = owner.partition(".")[0] + "."
    groups = set()
    for process in Path("/proc").glob("[0-9]*"):
        marks = _environment(process)
        if marks.get(OWNER, "").startswith(gateway) and marks[OWNER] != owner:
            with suppress(ProcessLookupError, ValueError):
                group = os.getpgid(int(process.name))
                groups |= {group} if group == int(marks.get(GROUP, "")) else set()
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    return len(groups)


def _environment(process: Path) -> Mapping[str, str]:
    try:
        text = (process / "environ").read_bytes().decode(errors="replace")
    except OSError:  # gone, or somebody else's
        return {}
    return dict(row.split("=", 1) for row in text.split("\0") if row.startswith((OWNER, GROUP)) and "=" in row)
