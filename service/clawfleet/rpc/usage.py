"""`usage.status`, `usage.cost`: what models took, day by day. Source: protocol §12.

Tokens are counted; prices are not known here, so that every call is a `missingCostEntries`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from pydantic import Field

from clawfleet.core.clock import now_ms
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import NoParams, Params, Result, method
from clawfleet.rpc.sessions.tally import DailyTotals, Totals, daily_totals, spent, totals


class UsageStatus(Result):
    """The answer of `usage.status`: what providers say of an account's limits. None is asked."""

    updated_at: int
    providers: list[dict[str, Any]]


@method("usage.status", scope="operator.read")
async def usage_status(call: Call, params: NoParams) -> UsageStatus:
    """The limits of accounts at providers: none is known."""
    return UsageStatus(updated_at=now_ms(), providers=[])


class UsageCostParams(Params):
    """How many days, today included; days are those of UTC."""

    days: int = Field(default=30, ge=1, le=366)
    agent_id: str | None = None


class CacheStatus(Result):
    """How fresh the figures are: always, they are counted when they are asked for."""

    status: str = "fresh"
    cached_files: int = 0
    pending_files: int = 0
    stale_files: int = 0


class UsageCost(Result):
    """The answer of `usage.cost`; a day without a call is there with zeros."""

    updated_at: int
    days: int
    daily: list[DailyTotals]
    totals: Totals
    cache_status: CacheStatus = CacheStatus()


@method("usage.cost", scope="operator.read")
async def usage_cost(call: Call, params: UsageCostParams) -> UsageCost:
    """The tokens of the last days, also of sessions that were reset or deleted since."""
    gateway = call.gateway
    agent_id = gateway.roster.get(params.agent_id).id if params.agent_id else None
    today = datetime.now(UTC).date()
    first = today - timedelta(days=params.days - 1)
    rows = spent(
        await gateway.sessions.usage(since_ms=_begin(first), until_ms=_begin(today) + 86_400_000, agent_id=agent_id)
    )
    by_date = {day.date: day for day in daily_totals(rows, UTC)}
    dates = [(first + timedelta(days=number)).isoformat() for number in range(params.days)]
    nothing = totals(()).model_dump()
    return UsageCost(
        updated_at=now_ms(),
        days=params.days,
        daily=[by_date.get(day) or DailyTotals(**nothing, date=day) for day in dates],
        totals=totals(rows),
    )


def _begin(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp() * 1000)
