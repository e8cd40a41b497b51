"""Runs on a host, as root: one line of JSON per change, who made it and how it ended. Standard library only."""

from __future__ import annotations

import grp
import json
import os
import sys
import time
from typing import Any

from places import LOGS

LOG = LOGS / "audit.log"
MAX_BYTES = 4 * 2**20
KEPT = 3


def note(verb: str, **facts: Any) -> None:
    """Appends a line; root writes, the group `adm` reads where there is one.

    A full disk must not undo what was done well: then the line is told on standard error instead.
    """
    line = {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "verb": verb, **facts}
    try:
        append(json.dumps(line) + "\n")
    except OSError as error:
        print(f"the audit log cannot be written ({error}): {json.dumps(line)}", file=sys.stderr)


def append(line: str) -> None:
    """Writes at the end of the log. Raises OSError."""
    LOG.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    rotate()
    descriptor = os.open(LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        if os.fstat(descriptor).st_gid == 0 and os.geteuid() == 0:
            os.fchown(descriptor, 0, adm())
        file.write(line)


def rotate() -> None:
    """A log that is full becomes `audit.log.1`; the oldest of `KEPT` goes."""
    if not LOG.exists() or LOG.stat().st_size < MAX_BYTES:
        return
    for number in range(KEPT, 0, -1):
        older = LOG.with_name(f"{LOG.name}.{number - 1}") if number > 1 else LOG
        if older.exists():
            older.replace(LOG.with_name(f"{LOG.name}.{number}"))


def adm() -> int:
    """The group that may read logs, root's own where there is none."""
    try:
        return grp.getgrnam("adm").gr_gid
    except KeyError:
        return 0
