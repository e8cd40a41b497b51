"""Timers of a host: waiting as wanted, or gone."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from pyinfra import host
from pyinfra.api import StringCommand, operation
from pyinfra.api.operation import OperationMeta

from facts.timers import TimerState
from operations.gateways import pending
from shell import Commands


@operation()
def waiting_timer(timer: str, after: Sequence[OperationMeta]) -> Commands:
    """The timer is enabled and waits, as its files say now; `after` are the operations that placed them."""
    changed = any(pending(earlier) or (earlier.is_complete() and earlier.did_change()) for earlier in after)
    if host.get_fact(TimerState, timer=timer) == "running" and not changed:
        host.noop(f"{timer} waits")
        return
    name = shlex.quote(timer)
    yield StringCommand(f"systemctl daemon-reload && systemctl enable -q {name} && systemctl restart {name}")


@operation()
def no_timer(timer: str) -> Commands:
    """There is no such timer, and no service that it starts."""
    if host.get_fact(TimerState, timer=timer) == "none":
        host.noop(f"there is no {timer}")
        return
    name, service = shlex.quote(timer), shlex.quote(timer.replace(".timer", ".service"))
    yield StringCommand(
        f"systemctl disable -q --now {name}; rm -f /etc/systemd/system/{name} /etc/systemd/system/{service}"
    )
    yield StringCommand("systemctl daemon-reload")
