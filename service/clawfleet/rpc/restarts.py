"""`gateway.restart.*`, `gateway.suspend.status`: may the gateway be stopped now, and let it start anew.

Source: protocol §12.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from clawfleet.rpc.call import Call, Gateway
from clawfleet.rpc.registry import NoParams, Params, Result, method

ANSWER_MS = 250
"""What the answer gets to arrive before its socket is closed by what it announces."""

MOST_DELAY_MS = 600_000


class Counts(Result):
    """Work that a restart would cut or wait for. What this gateway has not, it counts as 0."""

    queue_size: int
    pending_replies: int = 0
    embedded_runs: int
    cron_runs: int = 0
    background_exec_sessions: int = 0
    root_requests: int = 0
    active_tasks: int = 0
    total_active: int


class Blocker(Result):
    """What stands in the way, how often, in words."""

    kind: str
    count: int
    message: str


class Preflight(Result):
    """The answer of `gateway.restart.preflight`."""

    safe: bool
    counts: Counts
    blockers: list[Blocker]
    summary: str


def preflight_of(gateway: Gateway) -> Preflight:
    """What a restart would interrupt now."""
    live = gateway.runs.live()
    under_way = sum(run.started_at_ms is not None for run in live)
    waiting = len(live) - under_way
    blockers = [
        Blocker(kind=kind, count=count, message=f"{count} {words}")
        for kind, count, words in (("embedded-run", under_way, "running turns"), ("queue", waiting, "waiting turns"))
        if count
    ]
    return Preflight(
        safe=not blockers,
        counts=Counts(queue_size=waiting, embedded_runs=under_way, total_active=len(live)),
        blockers=blockers,
        summary=f"busy: {', '.join(each.message for each in blockers)}" if blockers else "safe to restart now",
    )


@method("gateway.restart.preflight", scope="operator.read")
async def restart_preflight(call: Call, params: NoParams) -> Preflight:
    """Whether a restart now would interrupt something."""
    return preflight_of(call.gateway)


class RestartParams(Params):
    """Why, for the log, and how long to wait before it begins."""

    reason: str | None = Field(None, max_length=200)
    delay_ms: int = Field(ANSWER_MS, ge=0)


class RestartRow(Result):
    """The restart that is due, of the process `pid`, which stays the same."""

    ok: Literal[True] = True
    pid: int
    delay_ms: int
    reason: str


class RestartScheduled(Result):
    """The answer of `gateway.restart.request`. `preflight` tells what the restart waits for."""

    ok: Literal[True] = True
    status: Literal["scheduled"] = "scheduled"
    preflight: Preflight
    restart: RestartRow


@method("gateway.restart.request", scope="operator.admin", limited=True)
async def request_restart(call: Call, params: RestartParams) -> RestartScheduled:
    """Build the gateway anew in its process, once running turns have ended."""
    reason, delay_ms = params.reason or "gateway.restart.request", min(params.delay_ms, MOST_DELAY_MS)
    call.gateway.control.restart(reason, delay_ms)
    return RestartScheduled(
        preflight=preflight_of(call.gateway),
        restart=RestartRow(pid=call.gateway.vitals.pid, delay_ms=delay_ms, reason=reason),
    )


class SuspendStatusParams(Params):
    """Which suspension."""

    suspension_id: str = Field(min_length=1, max_length=128, pattern=r"\S")


class SuspendStatus(Result):
    """The answer of `gateway.suspend.status`."""

    status: Literal["running"]


@method("gateway.suspend.status", scope="operator.read")
async def suspend_status(call: Call, params: SuspendStatusParams) -> SuspendStatus:
    """How far a suspension is: this gateway cannot be suspended, so it runs."""
    return SuspendStatus(status="running")
