"""Runs on a Mac: what is taken away there besides what every host has. Standard library only."""

from __future__ import annotations

import contextlib
import os
import plistlib
import pwd
import re
import subprocess
from pathlib import Path
from typing import Any

from launchd_job import Job, as_user
from places import COMMAND, IS_OWN_HOME, ROOT

DAEMONS = Path("/Library/LaunchDaemons")
TUNNEL = "ai.openclaw.ssh-tunnel."
TMP = Path("/tmp/openclaw")  # noqa: S108 -- where gateways log


def agents_of(uid: int) -> Path:
    """Where a user's own jobs lie."""
    return Path(pwd.getpwuid(uid).pw_dir) / "Library" / "LaunchAgents"


def own_jobs() -> Path:
    """Where the jobs of the recipes' own lie: root's are the machine's, anybody else's are agents."""
    return agents_of(os.geteuid()) if os.geteuid() else DAEMONS


def own_job(label: str) -> Job:
    """A job of the recipes' own: a timer, a tunnel."""
    user, scope = pwd.getpwuid(os.geteuid()).pw_name, "user" if os.geteuid() else "system"
    return Job({"unit": label, "user": user, "scope": scope, "unitPath": str(own_jobs() / f"{label}.plist")})


def own_tunnels() -> list[str]:
    """The labels of the tunnels that the recipes made here."""
    return sorted(path.stem for path in own_jobs().glob(f"{TUNNEL}*.plist"))


def remove_own_job(label: str) -> None:
    """It is unloaded and gone, and so is what it printed."""
    own_job(label).disable()
    file = own_jobs() / f"{label}.plist"
    with contextlib.suppress(OSError, ValueError, plistlib.InvalidFileException):
        table = plistlib.loads(file.read_bytes())
        words = ["rm", "-f", "--", table.get("StandardOutPath", "")]
        subprocess.run(as_user(table.get("UserName", "root"), words), capture_output=True, check=False, cwd="/")
    file.unlink(missing_ok=True)


def remove_logs(spec: dict[str, Any], *, purge: bool) -> None:
    """What launchd kept of the gateway's words is gone; with its state also its own logs of each day."""
    profile = f"-{spec['profile']}" if spec["profile"] else ""
    files = [Path(path) for path in spec["logs"]]
    if purge and TMP.is_dir() and not TMP.is_symlink():
        daily = re.compile(rf"openclaw{re.escape(profile)}-\d{{4}}-\d\d-\d\d(\.\d+)?\.log")
        files += [path for path in TMP.iterdir() if daily.fullmatch(path.name)]
    words = ["rm", "-f", "--", *map(str, files)]
    subprocess.run(as_user(spec["user"], words), capture_output=True, check=False, cwd="/")
    for place in (Path(spec["logs"][0]).parent, TMP):
        subprocess.run(as_user(spec["user"], ["rmdir", str(place)]), capture_output=True, check=False, cwd="/")


def remove_empty() -> None:
    """Directories that hold nothing any more; in the user's own home also those above them."""
    home = Path(pwd.getpwuid(os.geteuid()).pw_dir)
    for place in (ROOT, COMMAND.parent, own_jobs(), home / "Library" / "Logs" / "openclaw") if IS_OWN_HOME else (ROOT,):
        above = [path for path in place.parents if path.is_relative_to(home) and path != home]
        with contextlib.suppress(OSError):
            for path in (place, *above):
                path.rmdir()
