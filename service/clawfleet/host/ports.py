"""Who listens on a TCP port, without needing lsof on Linux: /proc/net/tcp names a socket, /proc/<pid>/fd its owner.

macOS has no such files; there lsof, which is part of the system, is asked.
"""

from __future__ import annotations

import errno
import ipaddress
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from clawfleet.host.process import PROC, find_process

LISTEN = "0A"  # TCP_LISTEN in the kernel's table
LSOF_TIMEOUT_S = 5.0
REACHED_FROM_HERE = frozenset({"127.0.0.1", "0.0.0.0", "::"})  # compared, not bound
"""Listening addresses at which a connection to 127.0.0.1 arrives."""


@dataclass(frozen=True, slots=True)
class Listener:
    """One listening socket. `pid` is None when it belongs to a process that this user may not look into.

    `uid` is whose socket it is, as the kernel says also then; None where it is not told.
    """

    address: str
    port: int
    pid: int | None
    uid: int | None = field(default=None, compare=False)

    @property
    def shown(self) -> str:
        """`127.0.0.1:18789`, `[::1]:18789`."""
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


@dataclass(frozen=True, slots=True)
class PortOwner:
    """The process that holds a port; only `address` and `uid` are known of a process that is hidden from this user."""

    pid: int | None
    command: str
    user: str
    uid: int | None
    started_at_ms: int
    address: str


def listeners(port: int) -> tuple[Listener, ...]:
    """All listening sockets on a port, IPv4 before IPv6; empty when it is free."""
    return tuple(_from_proc(port) if sys.platform == "linux" else _from_lsof(port))


def port_owner(port: int) -> PortOwner | None:
    """Who holds a port; None when nobody does. A socket whose owner can be named goes before one that cannot."""
    found = sorted(listeners(port), key=lambda listener: listener.pid is None)
    if not found:
        return None
    process = find_process(found[0].pid) if found[0].pid else None
    if process is None:
        return PortOwner(found[0].pid, "", "", found[0].uid, 0, found[0].shown)
    return PortOwner(process.pid, process.command, process.user, process.uid, process.started_at_ms, found[0].shown)


def is_held_by(pid: int, port: int) -> bool | None:
    """Whether a process listens on a port where this host's own commands would reach it; None when nothing tells.

    Looks at this one process only, which takes about a millisecond where naming a port's holder takes many.
    """
    if sys.platform != "linux":
        found = listeners(port)
        return any(listener.pid == pid for listener in found) if found else None
    inodes = {row.inode for row in _rows(port) if row.address in REACHED_FROM_HERE}
    links = open_files(pid) if inodes else []
    return any(f"socket:[{inode}]" in links for inode in inodes) if links else None


def _from_proc(port: int) -> Iterator[Listener]:
    rows = _rows(port)
    owners = _socket_owners({row.inode for row in rows}) if rows else {}
    for row in rows:
        yield Listener(row.address, port, owners.get(row.inode), row.uid)


@dataclass(frozen=True, slots=True)
class TableRow:
    """A listening socket as the kernel lists it."""

    address: str
    inode: str
    uid: int


def _rows(port: int) -> list[TableRow]:
    tables = [PROC / "net" / name for name in ("tcp", "tcp6")]
    return [row for table in tables if table.is_file() for row in read_table(table.read_text(), port)]


def read_table(text: str, port: int) -> list[TableRow]:
    """The listening sockets on `port` in the text of /proc/net/tcp or tcp6."""
    rows = []
    for line in text.splitlines()[1:]:
        columns = line.split()
        address, _, hex_port = columns[1].partition(":")
        if columns[3] == LISTEN and int(hex_port, 16) == port:
            rows.append(TableRow(_address(address), columns[9], int(columns[7])))
    return rows


def _address(text: str) -> str:
    # The kernel prints each 32-bit word in the machine's byte order.
    words = [int(text[index : index + 8], 16).to_bytes(4, sys.byteorder) for index in range(0, len(text), 8)]
    address = ipaddress.ip_address(b"".join(words))
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def _socket_owners(inodes: set[str]) -> dict[str, int]:
    wanted = {f"socket:[{inode}]": inode for inode in inodes}
    found: dict[str, int] = {}
    # Lowest pid first: a child that inherited the socket is not the one to name.
    for pid in sorted(int(folder.name) for folder in PROC.iterdir() if folder.name.isdigit()):
        for link in open_files(pid):
            if link in wanted:
                found.setdefault(wanted[link], pid)
        if len(found) == len(inodes):
            break
    return found


def open_files(pid: int) -> list[str]:
    """What a process has open, as the kernel names it; empty when it ended or belongs to somebody else."""
    if sys.platform != "linux":
        return [line[1:] for line in _lsof("-p", str(pid), "-Fn").splitlines() if line.startswith("n")]
    links = []
    try:
        for link in (PROC / str(pid) / "fd").iterdir():
            try:
                links.append(str(link.readlink()))
            except OSError:  # closed while we looked
                continue
    except OSError:  # ended, or another user's
        return []
    return links


def _from_lsof(port: int) -> Iterator[Listener]:
    yield from read_lsof(_lsof(f"-iTCP:{port}", "-sTCP:LISTEN", "-Fpn"), port)


def read_lsof(text: str, port: int) -> list[Listener]:
    """The listeners in the output of `lsof -Fpn`: a line `p<pid>`, then `n<address>:<port>` for each socket."""
    found = []
    pid: int | None = None
    for line in text.splitlines():
        if line.startswith("p"):
            pid = int(line[1:])
        elif match := re.fullmatch(r"n(.*):(\d+)", line):
            address = {"*": "0.0.0.0"}.get(match[1], match[1].strip("[]"))
            found.append(Listener(address, port, pid))
    return found


def _lsof(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["lsof", "-nP", *arguments], capture_output=True, text=True, timeout=LSOF_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout


def is_taken(port: int, address: str = "127.0.0.1") -> bool:
    """Whether listening on `address:port` would fail because somebody does already; tells in microseconds."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False
