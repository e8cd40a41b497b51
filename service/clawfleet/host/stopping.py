"""Waiting for a process that was asked to stop: as long as its running turns may take, or shorter when asked to."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from clawfleet.core.errors import HostError
from clawfleet.host.process import Process, is_same_process

HURRY_S = 0.5
POLL_S = 0.05
SLOW_S = 1.0

Tell = Callable[[str], None]


class StillRunning(HostError):
    """A process did not end in time."""

    code = "STILL_RUNNING"


@dataclass(frozen=True, slots=True)
class Pace:
    """How a stop treats running turns: `force` does not wait for them, `drain_s` waits so long at most."""

    force: bool = False
    drain_s: float | None = None


PATIENT = Pace()


def send_term(pid: int) -> None:
    """Ask a process to stop. Asked a second time, a gateway does not wait for running turns."""
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGTERM)


def until_gone(process: Process, pace: Pace, limit_s: float, tell: Tell) -> None:
    """Return when a process that was asked to stop is gone; after a second `tell` what is waited for.

    Raises StillRunning after `limit_s`.
    """
    began, hurried, told = time.monotonic(), False, False
    drain_s = HURRY_S if pace.force else pace.drain_s
    while is_same_process(process.pid, process.started_at_ms):
        waited = time.monotonic() - began
        if not told and waited > SLOW_S:
            told = True
            tell(f"waiting for pid {process.pid} to end its running turns (at most {limit_s:g} s)")
        if not hurried and drain_s is not None and waited > drain_s:
            hurried = True
            send_term(process.pid)
        if waited > limit_s:
            raise StillRunning(
                f"pid {process.pid} still runs after {limit_s:g} s", hint="openclaw gateway stop --force"
            )
        time.sleep(POLL_S)
