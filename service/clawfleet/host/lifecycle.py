"""What can be done to an instance's gateway, whoever runs it: its service, a shell, or nobody any more.

Nothing is reported done before it is: a start or restart ends when the right process answers, a stop when it is gone.
Source: config-and-cli §5.1.
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

from clawfleet.core.errors import HostError
from clawfleet.host.lock import LockInfo, read_lock
from clawfleet.host.process import find_process, is_same_process
from clawfleet.host.readiness import (
    Answering,
    NotReady,
    WhyNot,
    answering,
    runs_in,
    wait_ready,
    wait_restarted,
)
from clawfleet.host.service_file import place, remove
from clawfleet.host.services import Daemon, NotInstalled, ServiceState
from clawfleet.host.stopping import HURRY_S, PATIENT, Pace, Tell, send_term, until_gone
from clawfleet.host.takeover import end

ORPHAN_DRAIN_S = 45.0
"""A gateway without a service waits at most 30 s for running turns."""

STOP_MARGIN_S = 10.0
RESTART_DRAIN_S = 310.0


class HeldByOther(HostError):
    """This state dir is served by a process that is not the service's."""

    code = "HELD_BY_OTHER"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a verb: a word for scripts, lines for people."""

    result: str
    lines: tuple[str, ...] = ()


class Lifecycle:
    """The verbs for one instance's gateway. `why_not` tells what stands in the way of it, `tell` what is waited for."""

    def __init__(self, service: Daemon, store_dir: Path, why_not: WhyNot, tell: Tell) -> None:
        self._service = service
        self._store_dir = store_dir
        self._why_not = why_not
        self._tell = tell

    def install(self, data: bytes, *, force: bool) -> Outcome:
        """Register and start the service; the file of a registered one changes only with `force`."""
        service, state = self._service, self._service.state()
        if state.is_installed and state.is_loaded and not force:
            return Outcome("already-installed", self._as_it_is(data))
        service.check()
        lines = []
        changed = not state.is_installed or (force and service.file.read_bytes() != data)
        if changed:
            backup = place(service.file, data, 0o600 if service.scope == "user" else 0o644)
            lines.append(f"Installed {_noun(state)}: {service.file}")
            lines += [f"Previous {'unit' if service.manager == 'systemd' else 'plist'} backed up to: {backup}"] * bool(
                backup
            )
        else:
            lines.append(f"Kept {_noun(state)}: {service.file} (it is as it should be)")
        if changed or state.is_stale or not state.is_loaded:
            service.load()
        try:
            self._check_holder(state)
            found = self._renewed(state) if changed and state.pid else self._running(state)
        except (HeldByOther, NotReady) as error:
            error.message = f"{lines[0]}. {error.message}"
            raise
        return Outcome("installed", (*lines, *_ready_lines(found)))

    def start(self, wanted: bytes | None = None) -> Outcome:
        """Start the service; returns when its own gateway answers. Raises NotInstalled, NotReady.

        With `wanted` its file becomes that first, when it is another.
        """
        state = self._installed()
        found = answering(self._store_dir)
        if found is not None and runs_in(found.pid, state.pid):
            return Outcome("already-running", (f"Gateway service already running (pid {found.pid}).",))
        self._check_holder(state)
        if state.pid is None:
            self._refresh(wanted)
        found = self._running(state)
        return Outcome("started", (f"Started {_noun(state)}: {self._service.state().target}", *_ready_lines(found)))

    def restart(self, wanted: bytes | None = None, pace: Pace = PATIENT) -> Outcome:
        """Replace the process; returns when the new one answers. Raises NotInstalled, NotReady, HeldByOther.

        With `wanted` the service's file becomes that first, when it is another.
        """
        state = self._service.state()
        if not state.is_installed:
            return self.restart_in_place()
        self._check_holder(state)
        found = self._renewed(state, pace, wanted)
        return Outcome("restarted", (f"Restarted {_noun(state)}: {self._service.state().target}", *_ready_lines(found)))

    def restart_in_place(self) -> Outcome:
        """Have the gateway that runs without a service start anew in its own process."""
        lock = self._owner()
        if lock is None:
            raise NotInstalled(self._service.manager)
        os.kill(lock.pid, signal.SIGUSR2)
        line = f"Gateway restart request sent to foreground process on port {lock.port}: {lock.pid}."
        self._tell("waiting for running turns, then for the gateway to be back")
        found = wait_restarted(self._store_dir, lock.created_at_ms, RESTART_DRAIN_S)
        return Outcome("restarted", (line, *_ready_lines(found)))

    def stop(self, *, disable: bool = False, pace: Pace = PATIENT) -> Outcome:
        """Stop the service and whatever else serves this state dir; returns when they are gone. Idempotent."""
        state, lines = self._service.state(), []
        if state.is_installed and state.unreachable and not self._is_by_hand(state):
            self._service.check()  # to end a process that its manager starts again would be no stop
        if state.is_installed and (state.pid or state.state not in ("", "inactive") or disable or _is_held(state)):
            self._stop_service(state, pace, disable=disable)
            if state.pid or state.state not in ("", "inactive", "failed"):
                lines.append(f"Stopped {_noun(state)}: {state.target}")
        if disable and state.is_installed:
            lines.append(f"Disabled {_noun(state)}: it stays off at the next login or boot; on again: gateway start")
        lines += self._stop_orphan(pace)
        if not lines:
            word = "already stopped" if state.is_installed else "not installed, and no gateway of it runs"
            return Outcome("already-stopped" if state.is_installed else "not-installed", (f"Gateway service {word}.",))
        return Outcome("stopped", tuple(lines))

    def uninstall(self, *, trash: Path | None = None) -> Outcome:
        """Stop everything, then take the service away. Idempotent."""
        state = self._service.state()
        stopped = self.stop()
        if not state.is_installed:
            return Outcome("not-installed", stopped.lines)
        self._service.forget()
        kept = remove(self._service.file, trash=trash)
        self._service.forget()
        where = f" (moved to {kept})" if kept else ""
        lines = stopped.lines if stopped.result == "stopped" else ()
        return Outcome("uninstalled", (*lines, f"Removed {_noun(state)}: {self._service.file}{where}"))

    def _refresh(self, wanted: bytes | None) -> None:
        if wanted is None or self._service.file.read_bytes() == wanted:
            return
        backup = place(self._service.file, wanted, 0o600 if self._service.scope == "user" else 0o644)
        self._tell(f"The service's file was not as the config wants it: written anew, the former one is {backup}")
        self._service.load()

    def _as_it_is(self, data: bytes) -> tuple[str, ...]:
        lines = ("Gateway service already enabled.", "Reinstall with: openclaw gateway install --force")
        if self._service.file.read_bytes() == data:
            return lines
        return (*lines, f"It is not as this version would write it: {self._service.file}")

    def _installed(self) -> ServiceState:
        state = self._service.state()
        if not state.is_installed:
            raise NotInstalled(self._service.manager)
        return state

    def _owner(self) -> LockInfo | None:
        """Who serves this state dir now, seen from this host."""
        lock = read_lock(self._store_dir)
        return lock if lock and lock.alive and is_same_process(lock.pid, lock.started_at_ms) else None

    def _is_by_hand(self, state: ServiceState) -> bool:
        lock = self._owner()
        return lock is not None and not _is_of(lock, state)

    def _check_holder(self, state: ServiceState) -> None:
        lock = self._owner()
        if lock is not None and lock.pid != state.pid and not runs_in(lock.pid, state.pid) and not _is_of(lock, state):
            raise HeldByOther(
                f"This state dir is served by pid {lock.pid} on port {lock.port}, started by hand; the service "
                f"({state.phase}) cannot run beside it",
                hint="let the service take over: openclaw gateway takeover",
            )

    def _running(self, state: ServiceState) -> Answering:
        if state.pid is None:
            if (error := self._why_not()) is not None:
                raise NotReady(f"Not started: {error.message}", hint=error.hint)
            self._service.start()
        return wait_ready(self._service, self._store_dir, self._why_not)

    def _renewed(self, state: ServiceState, pace: Pace = PATIENT, wanted: bytes | None = None) -> Answering:
        old = find_process(state.pid) if state.pid else None
        if old is not None and pace.force:
            send_term(old.pid)
        self._refresh(wanted)
        self._service.restart()
        if old is not None:
            until_gone(old, pace, _limit(state, self._service), self._tell)
        return wait_ready(self._service, self._store_dir, self._why_not)

    def _stop_service(self, state: ServiceState, pace: Pace, *, disable: bool) -> None:
        old = find_process(state.pid) if state.pid else None
        if old is not None and pace.force:
            send_term(old.pid)  # the manager's own is the second one, which waits for nothing
        self._service.stop(disable=disable)
        if old is not None:
            until_gone(old, pace, _limit(state, self._service), self._tell)

    def _stop_orphan(self, pace: Pace) -> list[str]:
        lock = self._owner()
        process = find_process(lock.pid) if lock else None
        if lock is None or process is None:
            if (hidden := read_lock(self._store_dir)) is not None and hidden.alive:
                raise HeldByOther(
                    f"This state dir is served by a process that cannot be seen from here, pid {hidden.pid} on port "
                    f"{hidden.port} where it runs",
                    hint="in a container, or as another user: stop it there",
                )
            return []
        if pace.force:
            send_term(process.pid)
        end(process, wait_s=HURRY_S * 4 if pace.force else ORPHAN_DRAIN_S)
        return [f"Stopped gateway process: pid {process.pid} on port {lock.port} (started by hand)"]


def _noun(state: ServiceState) -> str:
    return "systemd service" if state.kind.startswith("systemd") else state.kind


def _is_held(state: ServiceState) -> bool:
    """Whether launchd still has a job that does not run now: it would start it again."""
    return state.is_loaded and not state.kind.startswith("systemd")


def _is_of(lock: LockInfo, state: ServiceState) -> bool:
    """Whether the holder was started by this service; its manager's word about the pid may lag behind."""
    return lock.service is not None and lock.service == state.label


def _limit(state: ServiceState, service: Daemon) -> float:
    limits = state.definition.limits if state.definition else None
    return (limits.stop_timeout_s if limits else service.stop_timeout_s) + STOP_MARGIN_S


def _ready_lines(found: Answering) -> tuple[str, ...]:
    ready = f"Gateway ready on port {found.port} (pid {found.pid})"
    if found.failing:
        return (f"{ready}, but not everything works: {', '.join(found.failing)}; see: openclaw channels status",)
    return (ready,)
