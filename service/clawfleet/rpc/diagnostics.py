"""`diagnostics.*`: what stands in line, and what was noticed. Source: protocol §13."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from clawfleet.core.clock import iso_time, now_ms
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import NoParams, Params, Result, method


class Lane(Result):
    """One lane: how many turns are in it, waiting and under way, and how many it takes at once."""

    keeps_none: ClassVar[bool] = True

    lane: str
    queued_count: int
    active_count: int
    max_concurrent: int
    draining: bool
    generation: int
    blocked_by: str | None


class Lanes(Result):
    """The answer of `diagnostics.lanes`. `dynamic` would be lanes that come and go; those of sessions are in `main`."""

    keeps_none: ClassVar[bool] = True

    ts: int
    lanes: list[Lane]
    dynamic: dict[str, Any] | None


@method("diagnostics.lanes", scope="operator.read")
async def lanes(call: Call, params: NoParams) -> Lanes:
    """The lane that all turns go through: one at a time per session, so many at once over all."""
    gateway = call.gateway
    live = gateway.runs.live()
    active = sum(run.started_at_ms is not None for run in live)
    main = Lane(
        lane="main",
        queued_count=len(live) - active,
        active_count=active,
        max_concurrent=gateway.snapshot.config.agents.defaults.max_concurrent,
        draining=False,
        generation=0,
        blocked_by=None,
    )
    return Lanes(ts=now_ms(), lanes=[main], dynamic=None)


class StabilityParams(Params):
    """How many of the newest records, of which type."""

    limit: int = Field(default=50, ge=1, le=1000)
    type: str | None = None


class StabilitySummary(Result):
    """How many records there are of each type."""

    by_type: dict[str, int]


class Stability(Result):
    """The answer of `diagnostics.stability`. `capacity` is how many records are kept, `dropped` how many were not."""

    generated_at: str
    capacity: int
    count: int
    dropped: int
    events: list[dict[str, Any]]
    summary: StabilitySummary


@method("diagnostics.stability", scope="operator.read")
async def stability(call: Call, params: StabilityParams) -> Stability:
    """The record of what was noticed: this gateway keeps none beside its log, and says so with a capacity of 0."""
    return Stability(
        generated_at=iso_time(now_ms()),
        capacity=0,
        count=0,
        dropped=0,
        events=[],
        summary=StabilitySummary(by_type={}),
    )
