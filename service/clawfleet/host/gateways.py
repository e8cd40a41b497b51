"""Recognises gateways among processes: by the state lock they keep open, or by how they answer GET /startupz.

Never by process name: a name proves nothing (config-and-cli §12, trap 8).
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from clawfleet.config.ports import PORT_STEP
from clawfleet.core.errors import HostError
from clawfleet.host.lock import LOCK_NAME, LockInfo, read_lock
from clawfleet.host.ports import PortOwner, open_files, port_owner
from clawfleet.host.probing import ask

ASK_TIMEOUT_S = 1.0

Kind = Literal["own", "gateway", "foreign"]


@dataclass(frozen=True, slots=True)
class Startup:
    """A gateway's answer to GET /startupz. `status` is `started` or `starting`."""

    status: str
    version: str


@dataclass(frozen=True, slots=True)
class Occupant:
    """Who holds a port. `own`: the gateway of the state dir asked about; `gateway`: another one; `foreign`: neither.

    `lock` and `startup` are the evidence, None where there is none.
    """

    port: int
    owner: PortOwner
    kind: Kind
    lock: LockInfo | None
    startup: Startup | None

    @property
    def is_mine(self) -> bool:
        """Whether it runs as the user who asks."""
        return self.owner.uid == os.getuid()

    def describe(self) -> str:
        """`pid 59046 (openclaw gateway run), user ana, since 2026-11-21 06:30:12, state dir /home/ana/.openclaw`."""
        if self.owner.pid is None:
            return "a process of another user, which only an administrator can name"
        parts = [f"pid {self.owner.pid} ({self.owner.command or 'command unknown'})"]
        if self.owner.user:
            since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.owner.started_at_ms / 1000))
            parts += [f"user {self.owner.user}", f"since {since}"]
        if self.lock:
            parts.append(f"state dir {self.lock.state_dir}")
        if version := self.lock.version if self.lock else self.startup.version if self.startup else "":
            parts.append(f"version {version}")
        return ", ".join(parts)


class PortInUse(HostError):
    """The port is taken; `occupant` says by whom, None when they left before we could look."""

    code = "PORT_IN_USE"
    exit_code = 78

    def __init__(self, message: str, *, hint: str, port: int, occupant: Occupant | None) -> None:
        super().__init__(message, hint=hint, port=port, pid=occupant.owner.pid if occupant else None)
        self.occupant = occupant


def find_occupant(port: int, *, store_dir: Path) -> Occupant | None:
    """Who holds a port, seen from the gateway of `store_dir`; None when it is free."""
    owner = port_owner(port)
    if owner is None:
        return None
    lock = lock_held_by(owner.pid) if owner.pid else _lock_on_port(store_dir, port)
    startup = ask_startup(owner.address)
    if lock is not None and _same_dir(Path(lock.state_dir), store_dir.parent):
        kind: Kind = "own"
    else:
        kind = "gateway" if lock is not None or startup is not None else "foreign"
    return Occupant(port, owner, kind, lock, startup)


def explain_port_in_use(port: int, *, store_dir: Path) -> PortInUse:
    """Why a port cannot be bound: who holds it, what that is, and what to do about it (config-and-cli §4.1)."""
    occupant = find_occupant(port, store_dir=store_dir)
    other = f"another port: openclaw gateway run --port {_next_port(port)}"
    if occupant is None:
        message = f"Port {port} is already in use, but nobody listens on it any more"
        return PortInUse(message, hint=f"try again, or choose {other}", port=port, occupant=None)
    who = occupant.describe()
    if occupant.kind == "foreign":
        message = f"Port {port} is already in use by {who}; it is not an OpenClaw gateway"
        return PortInUse(message, hint=f"stop it, or choose {other}", port=port, occupant=occupant)
    whose = "the gateway of this state dir" if occupant.kind == "own" else "another gateway instance"
    scheme = "wss" if occupant.lock and occupant.lock.tls_fingerprint else "ws"
    message = f"{whose} is already listening on {scheme}://127.0.0.1:{port}: {who}"
    replace = "replace it: openclaw gateway run --force"
    hint = f"use it: openclaw gateway status · {replace}" if occupant.kind == "own" else f"choose {other} · {replace}"
    return PortInUse(message, hint=hint, port=port, occupant=occupant)


def lock_held_by(pid: int) -> LockInfo | None:
    """The state lock that a process keeps open and that names it; None when it holds none or may not be looked at."""
    for name in open_files(pid):
        path = Path(name)
        if path.name == LOCK_NAME and (lock := read_lock(path.parent)) and lock.alive and lock.pid == pid:
            return lock
    return None


def ask_startup(address: str, timeout_s: float = ASK_TIMEOUT_S) -> Startup | None:
    """What GET /startupz says at `host:port`; None when that is no gateway, or it does not answer in time."""
    host, _, port = address.rpartition(":")
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host.strip("[]"), host.strip("[]"))
    answer = ask(reachable, int(port), "/startupz", timeout_s=timeout_s)
    if answer is None or answer.get("status") not in {"started", "starting"} or "ok" not in answer:
        return None
    return Startup(str(answer["status"]), str(answer.get("version") or ""))


def _lock_on_port(store_dir: Path, port: int) -> LockInfo | None:
    """For a listener whose process is hidden (another user, a container): the held lock that names this port."""
    lock = read_lock(store_dir)
    return lock if lock and lock.alive and lock.port == port else None


def _same_dir(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


def _next_port(port: int) -> int:
    return port + PORT_STEP if port + PORT_STEP <= 65535 else port - PORT_STEP
