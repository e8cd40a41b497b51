"""Ends a gateway that stands in the way, for `run --force` and `takeover`: only a proven one, and of this user."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from clawfleet.core.errors import HostError
from clawfleet.host.gateways import find_occupant
from clawfleet.host.lock import read_lock
from clawfleet.host.process import PROC, Process, find_process, is_same_process

TERM_WAIT_S = 5.0
KILL_WAIT_S = 2.0
POLL_S = 0.02


class ForceRefused(HostError):
    """`--force` found somebody it may not end."""

    code = "FORCE_REFUSED"
    exit_code = 78


def in_the_way(port: int, store_dir: Path, *, also_foreign: bool = False) -> tuple[Process, ...]:
    """The processes that keep a gateway of `store_dir` from serving `port`: who holds the port, who holds the lock.

    Raises ForceRefused when the port is held by something that is no gateway (unless `also_foreign`), or by a
    process of another user.
    """
    found: dict[int, Process] = {}
    occupant = find_occupant(port, store_dir=store_dir)
    if occupant is not None:
        who = occupant.describe()
        if occupant.kind == "foreign" and not also_foreign:
            raise ForceRefused(
                f"only gateways are ended by force, and port {port} is held by {who}",
                hint="stop it yourself, choose another port, or end it too: openclaw gateway run --force --yes",
            )
        if not occupant.is_mine or occupant.owner.pid is None:
            raise ForceRefused(f"port {port} is held by {who}", hint="ask that user, or choose another --port")
        if process := find_process(occupant.owner.pid):
            found[process.pid] = process
    lock = read_lock(store_dir)
    # From inside a container the note's pid may be anybody's here: pid and start time together name the holder.
    if lock and lock.alive and is_same_process(lock.pid, lock.started_at_ms) and (process := find_process(lock.pid)):
        found[process.pid] = process
    found.pop(os.getpid(), None)
    return tuple(found.values())


def unit_of(pid: int) -> str | None:
    """The systemd service that started a process itself; None for one that was started by hand.

    A shell may run below a service too, a terminal's or an editor's: only what systemd started bears its own pid.
    """
    try:
        groups = (PROC / str(pid) / "cgroup").read_text().splitlines()
        variables = (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return None
    units = [group.rpartition("/")[2] for group in groups if group.endswith(".service")]
    return units[0] if units and f"SYSTEMD_EXEC_PID={pid}".encode() in variables else None


def end(process: Process, *, wait_s: float | None = None) -> str:
    """Ask a process to stop, kill it after `wait_s` (five seconds); the signal that did it, `SIGTERM` or `SIGKILL`.

    A process that has ended meanwhile counts as stopped, also when its pid was given away. Raises ForceRefused.
    """
    patience_s = TERM_WAIT_S if wait_s is None else wait_s
    for number, limit_s in ((signal.SIGTERM, patience_s), (signal.SIGKILL, KILL_WAIT_S)):
        if not is_same_process(process.pid, process.started_at_ms):
            return signal.SIGTERM.name
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            return number.name
        except PermissionError as error:
            raise ForceRefused(f"pid {process.pid} belongs to {process.user} and cannot be ended") from error
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            if not is_same_process(process.pid, process.started_at_ms):
                return number.name
            time.sleep(POLL_S)
    raise ForceRefused(
        f"pid {process.pid} did not end even when killed", hint="the kernel may keep it in a device wait"
    )
