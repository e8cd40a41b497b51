"""Runs on a host: where the recipes keep things there. The twin of `layout.py` on the control machine.

A host with launchd has its places in the login user's home when it is asked as that user, and needs no root then.
"""

from __future__ import annotations

import os
import pwd
from pathlib import Path

HAS_LAUNCHD = Path("/bin/launchctl").exists()
"""Whether this is a Mac."""


def _base() -> Path:
    if not HAS_LAUNCHD:
        return Path("/opt/clawfleet")
    home = Path(pwd.getpwuid(os.geteuid()).pw_dir)
    return home / ".clawfleet" if os.geteuid() else Path("/usr/local/clawfleet")


ROOT = _base()
PROGRAM = tuple(ROOT / name for name in ("releases", "lib", "instances", "python3")) if HAS_LAUNCHD else (ROOT,)
"""What goes with the last gateway, whatever of its data stays: on a Mac records and backups lie beside it."""

IS_OWN_HOME = HAS_LAUNCHD and os.geteuid() != 0
RECORDS = ROOT / "records" if HAS_LAUNCHD else Path("/etc/clawfleet")
MADE = RECORDS / ".made"
BACKUPS = ROOT / "backups" if HAS_LAUNCHD else Path("/var/backups/clawfleet")
LOGS = ROOT / "log" if HAS_LAUNCHD else Path("/var/log/clawfleet")
COMMAND = ROOT.parent / ".local/bin/openclaw" if IS_OWN_HOME else Path("/usr/local/bin/openclaw")
ARCHIVE = "-openclaw-backup.tar.gz"
"""How a gateway's own command ends the names of its backups."""

LOCK = ROOT / "lock" if IS_OWN_HOME else Path("/var/run" if HAS_LAUNCHD else "/run") / "clawfleet-deploy"
"""Where nobody but root can make one: on Debian everybody can in /run/lock."""
