"""`sessions.usage`: which conversations took how many tokens. Source: protocol §12."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from typing import Literal

from pydantic import Field

from clawfleet.core.clock import now_ms
from clawfleet.core.errors import RequestError
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method
from clawfleet.rpc.sessions import tally
from clawfleet.sessions.usage import UsageRow

DAY_MS = 24 * 3600 * 1000
_SPANS = {"7d": 7, "30d": 30, "90d": 90, "1y": 365}
_OFFSET = re.compile(r"UTC([+-])(\d{1,2})(?::(\d{2}))?")


class Dates(Params):
    """From which day to which, both included; days begin where `mode` says, in UTC without one."""

    start_date: str | None = None
    end_date: str | None = None
    range: Literal["7d", "30d", "90d", "1y", "all"] = "30d"
    mode: Literal["utc", "gateway", "specific"] = "utc"
    utc_offset: str | None = None

    def zone(self) -> tzinfo:
        """Where days begin. Raises `RequestError` for an offset that is none."""
        if self.mode == "gateway":
            return datetime.now().astimezone().tzinfo or UTC
        if self.mode == "utc" or not self.utc_offset:
            return UTC
        if (match := _OFFSET.fullmatch(self.utc_offset.strip())) is None or int(match[2]) > 14:
            raise RequestError(f"utcOffset {self.utc_offset!r} is no offset like UTC+2 or UTC-05:30")
        ahead = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        return timezone(ahead if match[1] == "+" else -ahead)

    def span(self) -> tuple[str, str, int, int]:
        """First and last day, and the moments (ms) where they begin and end."""
        zone = self.zone()
        today = datetime.now(zone).date()
        try:
            last = datetime.fromisoformat(self.end_date).date() if self.end_date else today
            first = datetime.fromisoformat(self.start_date).date() if self.start_date else None
        except ValueError as error:
            raise RequestError(f"not a date like 2026-11-21: {error}") from error
        if first is None:
            first = datetime(1970, 1, 2).date() if self.range == "all" else last - timedelta(_SPANS[self.range] - 1)
        begins = datetime.combine(first, time(), zone).timestamp()
        ends = datetime.combine(last, time(), zone).timestamp()
        return first.isoformat(), last.isoformat(), int(begins * 1000), int(ends * 1000) + DAY_MS


class UsageParams(Dates):
    """Of which sessions, in which time."""

    key: str | None = Field(default=None, min_length=1)
    agent_id: str | None = None
    limit: int = Field(default=200, ge=1)


class SessionUsage(tally.Totals):
    """What one session took."""

    session_id: str
    first_activity: int
    last_activity: int
    duration_ms: int
    message_counts: tally.MessageCounts
    model_usage: list[tally.ModelTotals]
    latency: tally.Latency | None = None
    activity_dates: list[str]
    daily_breakdown: list[tally.DailyTotals]
    daily_model_usage: list[tally.ModelDay]

    @classmethod
    def of_rows(cls, rows: Sequence[UsageRow], zone: tzinfo) -> SessionUsage:
        """That of one session's messages."""
        return cls(
            **tally.totals(rows).model_dump(),
            session_id=rows[-1].session_id,
            first_activity=rows[0].at_ms,
            last_activity=rows[-1].at_ms,
            duration_ms=rows[-1].at_ms - rows[0].at_ms,
            message_counts=tally.counts(rows),
            model_usage=tally.by_model(rows),
            latency=tally.latency(rows),
            activity_dates=list(tally.grouped(rows, lambda row: tally.day_of(row, zone))),
            daily_breakdown=tally.daily_totals(rows, zone),
            daily_model_usage=tally.model_days(rows, zone),
        )


class UsedSession(Result):
    """One session and what it took; after a reset its earlier transcripts count too."""

    key: str
    session_id: str
    scope: Literal["instance"] = "instance"
    updated_at: int
    agent_id: str
    model_provider: str | None = None
    model: str | None = None
    usage: SessionUsage
    has_context_weight: bool = False


class AgentTotals(Result):
    """The tokens of one agent."""

    agent_id: str
    totals: tally.Totals


class ToolTotals(Result):
    """How often tools were called; which ones is not counted."""

    total_calls: int
    unique_tools: int = 0
    tools: tuple[str, ...] = ()


class Aggregates(Result):
    """All sessions together."""

    session_count: int
    longest_session_duration_ms: int
    messages: tally.MessageCounts
    tools: ToolTotals
    by_model: list[tally.ModelTotals]
    by_provider: list[tally.ModelTotals]
    by_agent: list[AgentTotals]
    by_channel: tuple[str, ...] = ()
    latency: tally.Latency | None = None
    model_daily: list[tally.ModelDay]
    cost_daily: list[tally.DailyTotals]
    daily: list[tally.Day]


class CacheStatus(Result):
    """The figures are read from the store as they are asked for."""

    status: Literal["fresh"] = "fresh"
    cached_files: int = 0
    pending_files: int = 0
    stale_files: int = 0
    refreshed_at: int


class UsageResult(Result):
    """The answer of `sessions.usage`."""

    updated_at: int
    start_date: str
    end_date: str
    sessions: list[UsedSession]
    totals: tally.Totals
    aggregates: Aggregates
    cache_status: CacheStatus


@method("sessions.usage", scope="operator.read", advertised=False)
async def usage(call: Call, params: UsageParams) -> UsageResult:
    """Tokens by session, model, agent and day, the session last used first."""
    roster = call.gateway.roster
    first, last, since_ms, until_ms = params.span()
    rows = await call.gateway.sessions.usage(
        since_ms=since_ms,
        until_ms=until_ms,
        agent_id=roster.get(params.agent_id).id if params.agent_id else None,
        key=roster.locate(params.key, params.agent_id)[0] if params.key else None,
    )
    zone, at = params.zone(), now_ms()
    used = [_session(some, zone) for some in tally.grouped(rows, lambda row: row.session_key).values()]
    used.sort(key=lambda session: session.updated_at, reverse=True)
    return UsageResult(
        updated_at=at,
        start_date=first,
        end_date=last,
        sessions=used[: params.limit],
        totals=tally.totals(rows),
        aggregates=_aggregates(rows, used, zone),
        cache_status=CacheStatus(refreshed_at=at),
    )


def _session(rows: Sequence[UsageRow], zone: tzinfo) -> UsedSession:
    newest = next((row for row in reversed(rows) if row.usage and row.usage.total), rows[-1])
    return UsedSession(
        key=rows[-1].session_key,
        session_id=rows[-1].session_id,
        updated_at=rows[-1].at_ms,
        agent_id=rows[-1].agent_id,
        model_provider=newest.provider,
        model=newest.model,
        usage=SessionUsage.of_rows(rows, zone),
    )


def _aggregates(rows: Sequence[UsageRow], used: Sequence[UsedSession], zone: tzinfo) -> Aggregates:
    told = tally.counts(rows)
    agents = tally.grouped(rows, lambda row: row.agent_id)
    return Aggregates(
        session_count=len(used),
        longest_session_duration_ms=max((session.usage.duration_ms for session in used), default=0),
        messages=told,
        tools=ToolTotals(total_calls=told.tool_calls),
        by_model=tally.by_model(rows),
        by_provider=tally.by_provider(rows),
        by_agent=[AgentTotals(agent_id=agent_id, totals=tally.totals(some)) for agent_id, some in agents.items()],
        latency=tally.latency(rows),
        model_daily=tally.model_days(rows, zone),
        cost_daily=tally.daily_totals(rows, zone),
        daily=tally.days(rows, zone),
    )
