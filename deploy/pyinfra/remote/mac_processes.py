"""Runs on a Mac: which processes hold a port, and who they are, by `lsof` and `ps`. Standard library only.

Who is not root sees only processes of its own there; a port that a stranger holds is known by its answering.
"""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Iterator

SOMEBODY = "somebody"
"""Holds a port, and this user may not see who it is."""

SECRET_FLAG = re.compile(r"(--(?:token|password|api-key)[ =])\S+")


def listening(port: int) -> set[str]:
    """Who listens on a TCP port: pids as text, or `somebody`."""
    pids = _listening(port)
    if pids or not _answers(port):
        return pids
    return _listening(port) or {SOMEBODY}  # it may have begun to listen between the two questions


def _listening(port: int) -> set[str]:
    rows = _lines("/usr/sbin/lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-F", "pn")
    return {row[1:] for row in rows if row.startswith("p")}


def owners(found: set[str]) -> list[int]:
    """The pids among those who listen."""
    return sorted(int(holder) for holder in found if holder != SOMEBODY)


def holds(pid: int, found: set[str]) -> bool:
    """Whether that process is one of them."""
    return str(pid) in found


def ancestry(pid: int) -> Iterator[int]:
    """The pid, its parent, and so on."""
    while pid > 1:
        yield pid
        (parent,) = _lines("ps", "-o", "ppid=", "-p", str(pid)) or ("0",)
        pid = int(parent)


def describe(pid: int) -> str:
    """Who a process is, for a person; secrets in its flags are hidden, as this ends up in the operator's terminal."""
    owner, words = (" ".join(_lines("ps", "-o", f"{what}=", "-p", str(pid))).strip() for what in ("user", "command"))
    shown = SECRET_FLAG.sub(r"\1…", words)
    return f"pid {pid} ({owner}: {shown[:160]})" if owner else f"pid {pid}"


def resident_bytes(pid: int | None) -> int | None:
    """What the process holds in memory."""
    (kib,) = (pid and _lines("ps", "-o", "rss=", "-p", str(pid))) or ("",)
    return int(kib) * 1024 if kib.strip().isdigit() else None


def age_s(pid: int) -> int | None:
    """How long the process runs: `ps` says [[days-]hours:]minutes:seconds."""
    (text,) = _lines("ps", "-o", "etime=", "-p", str(pid)) or ("",)
    days, _, clock = text.strip().rpartition("-")
    seconds = 0
    for part in clock.split(":"):
        if not part.isdigit():
            return None
        seconds = seconds * 60 + int(part)
    return int(days or 0) * 86_400 + seconds


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _lines(*words: str) -> list[str]:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return [line for line in done.stdout.splitlines() if line.strip()]
