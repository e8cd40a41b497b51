"""What can be known about a process from its pid: Linux reads /proc, macOS asks ps.

A pid alone names nothing, since the kernel gives it to another process later: pid and start time together do.
"""

from __future__ import annotations

import calendar
import os
import pwd
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROC = Path("/proc")
PS_TIMEOUT_S = 5.0
COMMAND_LIMIT = 200
ANCESTORS = 32
# The start time comes from clock ticks since boot on Linux and in whole seconds from ps.
START_TOLERANCE_MS = 2_000


@dataclass(frozen=True, slots=True)
class Process:
    """A running process. `command` is its argument line, cut to 200 characters and without secrets in flags."""

    pid: int
    command: str
    user: str
    uid: int
    started_at_ms: int


def find_process(pid: int) -> Process | None:
    """The process of that pid; None when it has ended, is a zombie, or may not be looked at."""
    if pid <= 0:
        return None
    return _from_proc(pid) if sys.platform == "linux" else _from_ps(pid)


def is_same_process(pid: int, started_at_ms: int) -> bool:
    """Whether the process that had this pid and start time still runs."""
    process = find_process(pid)
    return process is not None and abs(process.started_at_ms - started_at_ms) <= START_TOLERANCE_MS


def this_process() -> Process:
    """The process that asks. Raises OSError where it cannot see itself."""
    process = find_process(os.getpid())
    if process is None:
        raise OSError("this process cannot see itself in the process table")
    return process


def start_mark(pid: int) -> int | None:
    """When a process began, as the original's lock files tell it: ticks since boot on Linux, seconds on macOS.

    None when there is no such process.
    """
    if sys.platform != "linux":
        process = find_process(pid)
        return process.started_at_ms // 1000 if process else None
    try:
        return int((PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[19])
    except (OSError, IndexError, ValueError):
        return None


def parents(pid: int) -> tuple[int, ...]:
    """The process's parent, its parent, and so on; empty where that cannot be seen."""
    found: list[int] = []
    while pid > 1 and len(found) < ANCESTORS:
        parent = _parent(pid)
        if parent is None or parent in found:
            break
        found.append(parent)
        pid = parent
    return tuple(found)


def _parent(pid: int) -> int | None:
    if sys.platform == "linux":
        try:
            return int((PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            return None
    shown = _ps(pid, "ppid=").strip()
    return int(shown) if shown.isdigit() else None


def _from_proc(pid: int) -> Process | None:
    folder = PROC / str(pid)
    try:
        # The command name stands in parentheses and may hold blanks and parentheses itself.
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        uid = folder.stat().st_uid
        arguments = (folder / "cmdline").read_bytes()
        name = (folder / "comm").read_text().strip()
    except OSError:
        return None
    if fields[0] == "Z":
        return None
    started_at_ms = _boot_ms() + int(fields[19]) * 1000 // os.sysconf("SC_CLK_TCK")
    return Process(
        pid, _command(arguments.replace(b"\0", b" ").decode(errors="replace") or name), *_user(uid), started_at_ms
    )


@cache
def _boot_ms() -> int:
    for line in (PROC / "stat").read_text().splitlines():
        if line.startswith("btime "):
            return int(line.split()[1]) * 1000
    raise OSError("/proc/stat does not say when the machine was started")


def _from_ps(pid: int) -> Process | None:
    return read_ps(pid, _ps(pid, "stat=,uid=,lstart=,command="))


def _ps(pid: int, columns: str) -> str:
    try:
        shown = subprocess.run(
            ["ps", "-ww", "-o", columns, "-p", str(pid)],
            capture_output=True,
            text=True,
            timeout=PS_TIMEOUT_S,
            check=False,
            env={"LC_ALL": "C", "TZ": "UTC0", "PATH": "/bin:/usr/bin"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return shown.stdout


def read_ps(pid: int, text: str) -> Process | None:
    """The process in one line of `ps -o stat=,uid=,lstart=,command=` in UTC; None for no line or a zombie."""
    match = re.match(r"\s*(\S+)\s+(\d+)\s+(\w{3}\s+\w{3}\s+\d+\s+[\d:]{8}\s+\d{4})\s+(.*\S)", text)
    if match is None or match[1].startswith("Z"):
        return None
    started = calendar.timegm(time.strptime(match[3], "%a %b %d %H:%M:%S %Y"))
    return Process(pid, _command(match[4]), *_user(int(match[2])), int(started * 1000))


def _user(uid: int) -> tuple[str, int]:
    try:
        return pwd.getpwuid(uid).pw_name, uid
    except KeyError:
        return str(uid), uid


def _command(line: str) -> str:
    hidden = re.sub(r"(--(?:token|password|api-key)[ =])\S+", r"\1…", " ".join(line.split()))
    return hidden if len(hidden) <= COMMAND_LIMIT else hidden[: COMMAND_LIMIT - 1] + "…"
