"""Waits until the right gateway answers: the one that holds this state dir, run by the process that was started.

A port that answers proves nothing: the old process, or another gateway, answers too (deploy §18, trap 4).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from clawfleet.core.errors import GatewayError, HostError
from clawfleet.host.lock import LockInfo, read_lock
from clawfleet.host.ports import is_held_by
from clawfleet.host.probing import ask, ask_by_tls
from clawfleet.host.process import is_same_process, parents
from clawfleet.host.services import PERMANENT, Daemon, ServiceState

READY_S = 60.0
POLL_S = 0.05
ASK_MANAGER_S = 0.3
DIAGNOSE_AFTER_S = 2.0
ANSWER_S = 3.0

WhyNot = Callable[[], GatewayError | None]


class NotReady(HostError):
    """The gateway did not get ready; the message says why, as far as it can be known."""

    code = "GATEWAY_NOT_READY"


@dataclass(frozen=True, slots=True)
class Answering:
    """A gateway that answers /readyz. `failing` names what of it does not work, a channel for one.

    `round_ms` is another one after each start, also after one in the same process.
    """

    pid: int
    port: int
    round_ms: int
    failing: tuple[str, ...] = ()


def answering(store_dir: Path) -> Answering | None:
    """The gateway of this state dir if it listens itself and answers /readyz; None as long as it does not."""
    lock = read_lock(store_dir)
    if lock is None or not lock.alive or (is_held_by(lock.pid, lock.port) is False and _is_here(lock)):
        return None
    body = _readyz(lock)
    if body is None or not isinstance(body.get("ready"), bool):
        return None
    told = body.get("failing")
    failing = tuple(str(item) for item in told) if isinstance(told, list) else ()
    if "gateway-draining" in failing:
        return None
    return Answering(lock.pid, lock.port, lock.created_at_ms, failing)


def runs_in(pid: int, service_pid: int | None) -> bool:
    """Whether `pid` is the service's process, or was started by it through a wrapper."""
    return service_pid is not None and (pid == service_pid or service_pid in parents(pid))


def wait_ready(service: Daemon, store_dir: Path, why_not: WhyNot, limit_s: float = READY_S) -> Answering:
    """The service's own gateway once it answers. Raises NotReady, early when waiting longer cannot help."""
    began = time.monotonic()
    asked = diagnosed = began
    state: ServiceState | None = None
    while (now := time.monotonic()) - began < limit_s:
        found = answering(store_dir)
        if found is not None or now - asked > ASK_MANAGER_S:
            state, asked = service.state(), now
            if found is not None and runs_in(found.pid, state.pid):
                return found
            if is_over(state):
                raise not_ready(service, state, why_not)
        if now - diagnosed > DIAGNOSE_AFTER_S:
            diagnosed = now
            if (error := why_not()) is not None and error.exit_code == PERMANENT:
                raise not_ready(service, service.state(), lambda: error)
        time.sleep(POLL_S)
    raise not_ready(service, service.state(), why_not, f" within {limit_s:g} s")


def is_over(state: ServiceState) -> bool:
    """Whether it will not get ready by itself: given up, or ended with a failure and waiting for another try."""
    is_retrying = state.pid is None and state.sub == "auto-restart" and (state.exit_code or state.exit_signal)
    return state.gave_up or bool(is_retrying) or bool(state.unreachable)


def not_ready(service: Daemon, state: ServiceState, why_not: WhyNot, after: str = "") -> NotReady:
    """Why a service's gateway is not ready: what stands in its way now, else its last words."""
    how = f"{state.phase}{f' ({state.end})' if state.end else ''}"
    cause = why_not()
    if cause is not None:
        return NotReady(f"The gateway did not get ready{after}: {cause.message}", hint=cause.hint, phase=how)
    words = service.last_words(3)
    told = f"; it last said: {words[-1]}" if words else ""
    hint = "look at: openclaw logs · openclaw gateway status --deep"
    return NotReady(f"The gateway did not get ready{after}: {state.label} is {how}{told}", hint=hint, phase=how)


def wait_restarted(store_dir: Path, round_ms: int, limit_s: float = READY_S) -> Answering:
    """The gateway after a restart in place: in another round than `round_ms`. Raises NotReady."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        found = answering(store_dir)
        if found is not None and found.round_ms != round_ms:
            return found
        time.sleep(POLL_S)
    raise NotReady(f"The gateway did not restart within {limit_s:g} s", hint="look at: openclaw logs")


def _is_here(lock: LockInfo) -> bool:
    """Whether the note's pid is that process in this pid namespace; in a container it is somebody else's."""
    return is_same_process(lock.pid, lock.started_at_ms)


def _readyz(lock: LockInfo) -> dict[str, object] | None:
    if lock.tls_fingerprint:
        return ask_by_tls("127.0.0.1", lock.port, "/readyz", timeout_s=ANSWER_S, pin=lock.tls_fingerprint)
    return ask("127.0.0.1", lock.port, "/readyz", timeout_s=ANSWER_S)
