"""Runs on a Mac: one launchd job, an agent of a user or a daemon of the machine (see `machine.py`). Standard library.

A property list that lies there is not a loaded job; only `launchctl print` knows. What is done here leaves the job
loaded or says why not: right after a bootout launchd refuses for a moment, and over ssh it may have no `gui/` domain.
"""

from __future__ import annotations

import getpass
import hashlib
import plistlib
import pwd
import re
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mac_processes import age_s

LAUNCHCTL = "/bin/launchctl"
PLUTIL = "/usr/bin/plutil"
PERMANENT = "78"
RETRIES = 5
RETRY_S = 1.0
POLL_S = 0.1
SLACK_S = 5
NO_DOMAIN = 125
BUSY = frozenset({5, 36, 37})
"""I/O error right after a bootout, operation now in progress, still booting out."""

CURE = 'log in at the Mac\'s screen once, or let the machine run it: `service: "system"`'


def as_user(user: str, words: Sequence[str]) -> list[str]:
    """The command as that user: root must not follow links below a user's home."""
    return list(words) if user in {"root", getpass.getuser()} else ["sudo", "-n", "-u", user, "--", *words]


class Job:
    """The job of one label, wherever it is loaded."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.name: str = spec["unit"]
        self.user: str = spec["user"]
        self._file = Path(spec["unitPath"])
        self._logs: list[str] = spec.get("logs", [])
        self._note = Path(spec["stamp"]).with_name("loaded") if spec.get("stamp") else None
        self._is_daemon = spec["scope"] == "system"
        self._user_domains: list[str] = []

    def enable(self) -> str:
        """Has it loaded at the next login or boot too; what went wrong, else nothing."""
        domains = self._domains()
        for domain in domains:
            launchctl("enable", f"{domain}/{self.name}")
        return "" if domains else f"launchd has no domain for user {self.user} here: {CURE}"

    def restart(self) -> str:
        """Has it loaded as its file says now, with a fresh process; what went wrong, else nothing."""
        loaded = self._loaded()
        best = [self._target(domain) for domain in self._domains()[:1]]
        if loaded and list(loaded) == best and self._known()[0] == self._digest():
            ((target, told),) = loaded.items()
            done = launchctl("kickstart", "-k", target)
            trouble = said(done, "kickstart") if done.returncode else ""
            self._remember(int(told.get("runs", "0")) + 1)
        else:
            trouble = self._booted_out() or self._bootstrapped()
        if not trouble and not self._loaded():
            trouble = f"launchd does not have {self.name} loaded"
        return trouble

    def start(self) -> str:
        """Has it loaded and running; what went wrong, else nothing."""
        self.enable()
        loaded = self._loaded()
        for target in loaded:
            launchctl("kickstart", target)
        return "" if loaded else self._bootstrapped()

    def stop(self) -> None:
        """Has it rest until it is started, or its user logs in: a job that stays loaded is started again."""
        self._booted_out()

    def park(self) -> str:
        """Has it rest, also at the next login, with its file in place; what went wrong, else nothing."""
        trouble = self._booted_out()
        for domain in self._domains():
            launchctl("disable", f"{domain}/{self.name}")
        return trouble

    def disable(self) -> None:
        """Has it rest for good. No override stays in launchd's own records."""
        self._booted_out()
        self.enable()

    def forget(self) -> None:
        """After its file is gone: nothing else of it is left in launchd."""

    def show(self) -> dict[str, str]:
        """How it is, in the words of systemd's properties, which the gate and the survey read."""
        loaded = self._loaded(first=True)
        told = next(iter(loaded.values()), {})
        pid, code = told.get("pid", "0"), last_exit(told)
        state = {
            "LoadState": "loaded" if loaded or self._file.exists() else "not-found",
            "ActiveState": "active" if pid != "0" else "activating" if loaded else "inactive",
            "SubState": told.get("state", "not loaded"),
            "MainPID": pid,
            "ExecMainStatus": code,
            "NRestarts": str(max(int(told.get("runs", "1")) - self._known()[1], 0)),
            "UnitFileState": "enabled",
            "NeedDaemonReload": "no",
        }
        if any(self._is_disabled(target.rpartition("/")[0]) for target in loaded or map(self._target, self._domains())):
            state |= {"UnitFileState": "disabled", "SubState": state["SubState"] if loaded else "disabled"}
        if loaded and pid == "0" and code == PERMANENT:
            state |= {"ActiveState": "failed"}
        if pid != "0" and (age := age_s(int(pid))) is not None:
            state["ActiveEnterTimestampMonotonic"] = str(max(int((time.monotonic() - age) * 1e6), 1))
        return state

    def journal(self, lines: int) -> list[str]:
        """The last lines of its log files."""
        words = ["tail", "-q", "-n", str(lines), *self._logs]
        return subprocess.run(
            as_user(self.user, words), capture_output=True, text=True, check=False
        ).stdout.splitlines()

    def _domains(self) -> list[str]:
        """Where it may be loaded, best first."""
        if self._is_daemon:
            return ["system"]
        if not self._user_domains:
            uid = pwd.getpwnam(self.user).pw_uid
            domains = (f"gui/{uid}", f"user/{uid}")
            self._user_domains = [domain for domain in domains if launchctl("print", domain).returncode == 0]
        return self._user_domains

    def _target(self, domain: str) -> str:
        return f"{domain}/{self.name}"

    def _loaded(self, *, first: bool = False) -> dict[str, dict[str, str]]:
        """Where it is loaded, with what launchctl shows of it there; the first place is enough for most."""
        found: dict[str, dict[str, str]] = {}
        for target in map(self._target, self._domains()):
            done = launchctl("print", target)
            if done.returncode == 0:
                found[target] = fields(done.stdout)
                if first:
                    break
        return found

    def _is_disabled(self, domain: str) -> bool:
        shown = launchctl("print-disabled", domain).stdout
        return re.search(rf'"{re.escape(self.name)}" => (?:disabled|true)\b', shown) is not None

    def _bootstrapped(self) -> str:
        """Enables and loads it, in the first domain that takes it; what went wrong, else nothing."""
        lint = subprocess.run([PLUTIL, "-lint", str(self._file)], capture_output=True, text=True, check=False)
        if lint.returncode:
            return f"plutil refuses {self._file}: {(lint.stdout + lint.stderr).strip()}"
        if not self._is_daemon and Path(f"/Library/LaunchDaemons/{self._file.name}").exists():
            return f"a LaunchDaemon of the label {self.name} exists: the two would fight for one port"
        trouble = f"launchd has no domain for user {self.user} here: {CURE}"
        for domain in self._domains():
            launchctl("enable", f"{domain}/{self.name}")
            done = self._bootstrapped_into(domain)
            if not done.returncode:
                self._remember(1)
                return ""
            trouble = said(done, f"bootstrap {domain}")
            if done.returncode != NO_DOMAIN:
                return trouble
        return f"{trouble}; {CURE}"

    def _bootstrapped_into(self, domain: str) -> subprocess.CompletedProcess[str]:
        done = launchctl("bootstrap", domain, str(self._file))
        for _ in range(RETRIES):
            if done.returncode in BUSY and self._loaded():
                return launchctl("print", f"{domain}/{self.name}")
            if done.returncode not in BUSY:
                break
            time.sleep(RETRY_S)
            done = launchctl("bootstrap", domain, str(self._file))
        return done

    def _booted_out(self) -> str:
        """Unloads it everywhere and waits until launchd has let go; what went wrong, else nothing."""
        for target in self._loaded():
            launchctl("bootout", target)
            deadline = time.monotonic() + self._stop_s() + SLACK_S
            while launchctl("print", target).returncode == 0:
                if time.monotonic() > deadline:
                    return f"launchd still has {target} after {self._stop_s() + SLACK_S} s"
                time.sleep(POLL_S)
        return ""

    def _stop_s(self) -> int:
        try:
            return int(plistlib.loads(self._file.read_bytes()).get("ExitTimeOut", 20))
        except (OSError, ValueError, plistlib.InvalidFileException):
            return 20

    def _digest(self) -> str:
        return hashlib.sha256(self._file.read_bytes()).hexdigest() if self._file.exists() else "none"

    def _remember(self, runs: int) -> None:
        """What launchd was given, and how often it had started the job by then; more starts are those of KeepAlive."""
        if self._note and self._note.parent.is_dir():
            self._note.write_text(f"{self._digest()} {runs}", encoding="utf-8")

    def _known(self) -> tuple[str, int]:
        """What was remembered; a job of unknown origin is loaded anew."""
        if self._note and self._note.exists():
            digest, _, runs = self._note.read_text(encoding="utf-8").partition(" ")
            return digest, int(runs or 1)
        return "unknown", 1


def launchctl(*words: str) -> subprocess.CompletedProcess[str]:
    """One call; never raises for its exit code."""
    return subprocess.run([LAUNCHCTL, *words], capture_output=True, text=True, check=False)


def fields(text: str) -> dict[str, str]:
    """A job's own fields in what launchctl shows: `state`, `pid`, `runs`, `last exit code`."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        match = re.fullmatch(r"\t([a-z ]+) = ([^{]*)", line)
        if match:
            found.setdefault(match[1], match[2].strip())
    return found


def last_exit(told: dict[str, str]) -> str:
    """The exit code of the process before, 0 when there was none."""
    found = re.match(r"-?\d+", told.get("last exit code", ""))
    return found[0] if found else "0"


def said(done: subprocess.CompletedProcess[str], what: str) -> str:
    """A refusal in launchctl's own words."""
    return f"launchctl {what} failed ({done.returncode}): {(done.stderr or done.stdout).strip()}"
