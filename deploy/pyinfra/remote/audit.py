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
    descriptor = os.open(LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        if os.fstat(descriptor).st_gid == 0 and os.geteuid() == 0:
            os.fchown(descriptor, 0, adm())
        file.write(line)


def adm() -> int:
    """The group that may read logs, root's own where there is none."""
    try:
        return grp.getgrnam("adm").gr_gid
    except KeyError:
        return 0
