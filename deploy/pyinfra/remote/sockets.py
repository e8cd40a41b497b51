"""Runs on a host, as root: which processes hold a port, and who they are. Standard library only."""

from __future__ import annotations

import contextlib
import pwd
import re
from collections.abc import Iterator
from pathlib import Path

LISTEN = "0A"
PROC = Path("/proc")
SECRET_FLAG = re.compile(r"(--(?:token|password|api-key)[ =])\S+")


def listening(port: int) -> set[str]:
    """The sockets that listen on a TCP port, as the links of /proc/<pid>/fd name them."""
    inodes = set()
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in (PROC / "net" / table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                    inodes.add(f"socket:[{fields[9]}]")
    return inodes


def owners(found: set[str]) -> list[int]:
    """The pids that hold one of the sockets, each once."""
    return sorted({pid for pid, inode in sockets() if inode in found}) if found else []


def holds(pid: int, found: set[str]) -> bool:
    """Whether that process holds one of the sockets; looks at it alone."""
    with contextlib.suppress(OSError):
        for descriptor in (PROC / str(pid) / "fd").iterdir():
            with contextlib.suppress(OSError):
                if str(descriptor.readlink()) in found:
                    return True
    return False


def sockets() -> Iterator[tuple[int, str]]:
    """(pid, link target) of every open file of every process."""
    for process in PROC.iterdir():
        if process.name.isdigit():
            with contextlib.suppress(OSError):
                for descriptor in (process / "fd").iterdir():
                    with contextlib.suppress(OSError):
                        yield int(process.name), str(descriptor.readlink())


def ancestry(pid: int) -> Iterator[int]:
    """The pid, its parent, and so on."""
    while pid > 1:
        yield pid
        try:
            pid = int((PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            return


def describe(pid: int) -> str:
    """Who a process is, for a person; secrets in its flags are hidden, as this ends up in the operator's terminal."""
    try:
        words = (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        owner = pwd.getpwuid((PROC / str(pid)).stat().st_uid).pw_name
    except (OSError, KeyError):
        return f"pid {pid}"
    shown = SECRET_FLAG.sub(r"\1…", words)
    return f"pid {pid} ({owner}: {shown[:160]})"


def resident_bytes(pid: int | None) -> int | None:
    """What the process holds in memory."""
    try:
        lines = (PROC / str(pid) / "status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:")), None)
