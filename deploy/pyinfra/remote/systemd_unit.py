"""Runs on a host, as root: one systemd unit, of the system or of a user (see `machine.py`). Standard library only."""

from __future__ import annotations

import pwd
import subprocess
from collections.abc import Sequence
from typing import Any

SHOWN = (
    "Id,LoadState,ActiveState,SubState,MainPID,ExecMainStatus,NRestarts,UnitFileState,NeedDaemonReload,"
    "MemoryCurrent,MemoryMax,ActiveEnterTimestampMonotonic,ExecMainStartTimestampMonotonic"
)


def as_user(user: str, words: Sequence[str]) -> list[str]:
    """The command as that user: root must not follow links below a user's home."""
    return list(words) if user == "root" else ["runuser", "-u", user, "--", *words]


class Unit:
    """One systemd unit of one scope, addressed so that it works without a login session."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.name: str = spec["unit"]
        self.user: str = spec["user"]
        self._scope: str = spec["scope"]

    def systemctl(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs one verb; never raises for its exit code."""
        return subprocess.run([*self._prefix(), *words], capture_output=True, text=True, check=False)

    def enable(self) -> str:
        """Has it started at boot, as its file says now; what went wrong, else nothing."""
        self.systemctl("daemon-reload")
        done = self.systemctl("enable", self.name)
        return f"systemctl enable {self.name} failed: {done.stderr.strip()}" if done.returncode else ""

    def restart(self) -> str:
        """Has its process replaced; whether that went well is what `show` says."""
        self.systemctl("reset-failed", self.name)
        self.systemctl("restart", self.name)
        return ""

    def start(self) -> str:
        """Has it run; whether that went well is what `show` says."""
        self.systemctl("reset-failed", self.name)
        self.systemctl("start", self.name)
        return ""

    def stop(self) -> None:
        """Has it rest until it is started, or the host is."""
        self.systemctl("stop", self.name)

    def park(self) -> str:
        """Has it rest, also when the host boots, with its file in place; what went wrong, else nothing."""
        self.systemctl("daemon-reload")
        done = self.systemctl("disable", "--now", self.name)
        self.systemctl("reset-failed", self.name)
        return f"systemctl disable --now {self.name} failed: {done.stderr.strip()}" if done.returncode else ""

    def disable(self) -> None:
        """Has it rest for good."""
        self.systemctl("disable", "--now", self.name)

    def forget(self) -> None:
        """After its file is gone: nothing of it is left in the service manager."""
        self.systemctl("daemon-reload")
        self.systemctl("reset-failed", self.name)

    def show(self) -> dict[str, str]:
        """The properties that the gate looks at; empty when the service manager cannot be reached."""
        lines = self.systemctl("show", "-p", SHOWN, self.name).stdout.splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def journal(self, lines: int) -> list[str]:
        """The unit's last log lines."""
        words = ["journalctl", "--no-pager", "-q", "-o", "cat", "-n", str(lines), *self.journal_match()]
        return subprocess.run(words, capture_output=True, text=True, check=False).stdout.splitlines()

    def journal_match(self) -> list[str]:
        """What journalctl finds the unit's lines by."""
        field = "_SYSTEMD_UNIT" if self._scope == "system" else "_SYSTEMD_USER_UNIT"
        return [f"{field}={self.name}", f"_UID={pwd.getpwnam(self.user).pw_uid}"]

    def _prefix(self) -> list[str]:
        if self._scope == "system":
            return ["systemctl"]
        runtime = f"XDG_RUNTIME_DIR=/run/user/{pwd.getpwnam(self.user).pw_uid}"
        return as_user(self.user, ["env", runtime, "systemctl", "--user"])
