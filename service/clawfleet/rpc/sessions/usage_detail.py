"""`sessions.usage.timeseries`, `sessions.usage.logs`: how one conversation came to its tokens. Source: protocol §15."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Literal

from pydantic import Field

from clawfleet.core.clock import now_ms
from clawfleet.core.errors import RequestError
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method
from clawfleet.rpc.sessions import tally
from clawfleet.sessions.model import Entry
from clawfleet.sessions.usage import UsageRow

MOST_POINTS = 200
LONGEST_TEXT = 2000


class SessionParams(Params):
    """Which conversation."""

    key: str = Field(min_length=1)
    agent_id: str | None = None


class Point(Result):
    """One model call, or some that follow each other, and what all had taken by then. Costs are not known here."""

    timestamp: int
    input: int
    output: int
    cache_read: int
    cache_write: int
    total_tokens: int
    cost: float = 0
    cumulative_tokens: int
    cumulative_cost: float = 0


class TimeSeries(Result):
    """The answer of `sessions.usage.timeseries`."""

    session_id: str
    points: list[Point]


@method("sessions.usage.timeseries", scope="operator.read", advertised=False)
async def time_series(call: Call, params: SessionParams) -> TimeSeries:
    """The tokens of a conversation as they were taken, in 200 points at the most; its earlier transcripts too."""
    key, _ = call.gateway.roster.locate(params.key, params.agent_id)
    rows = await call.gateway.sessions.usage(since_ms=0, until_ms=now_ms() + 1, key=key)
    if not rows:
        raise RequestError(f"No transcript found for session: {params.key}")
    return TimeSeries(session_id=rows[-1].session_id, points=points_of(tally.spent(rows)))


def points_of(rows: Sequence[UsageRow], most: int = MOST_POINTS) -> list[Point]:
    """The calls as points, as many of them to a point as `most` demands. Pure."""
    step = -(-len(rows) // most) or 1
    groups = [rows[start : start + step] for start in range(0, len(rows), step)]
    sums = [tally.totals(group) for group in groups]
    so_far = accumulate(each.total_tokens for each in sums)
    return [
        Point(
            timestamp=group[-1].at_ms,
            input=each.input,
            output=each.output,
            cache_read=each.cache_read,
            cache_write=each.cache_write,
            total_tokens=each.total_tokens,
            cumulative_tokens=total,
        )
        for group, each, total in zip(groups, sums, so_far, strict=True)
    ]


class LogsParams(SessionParams):
    """Which conversation, and how many of its last messages."""

    limit: int = Field(default=200, ge=1)


Speaker = Literal["user", "assistant", "toolResult"]
_ROLES: dict[str, Speaker] = {"user": "user", "assistant": "assistant", "tool": "toolResult"}


class LogLine(Result):
    """One message in short; `tokens` of what a model said."""

    timestamp: int
    role: Speaker
    content: str
    tokens: int | None = None
    cost: float | None = None


class Logs(Result):
    """The answer of `sessions.usage.logs`."""

    logs: list[LogLine]


@method("sessions.usage.logs", scope="operator.read", advertised=False)
async def logs(call: Call, params: LogsParams) -> Logs:
    """The last messages of a conversation, oldest first, each with what it took; at most a thousand."""
    key, _ = call.gateway.roster.locate(params.key, params.agent_id)
    page = await call.gateway.sessions.history(key, limit=min(params.limit, 1000))
    return Logs(logs=[line for entry in page.entries if (line := line_of(entry)) is not None])


def line_of(entry: Entry) -> LogLine | None:
    """A message as a line; None when it says nothing. Pure."""
    message = entry.message
    role = _ROLES.get(message.role)
    parts = [f"[Tool: {message.tool_name or 'tool'}]", "[Tool Result]"] if role == "toolResult" else []
    parts += [message.text, *(f"[Tool: {each.name}]" for each in message.tool_calls)]
    text = "\n".join(part for part in parts if part).strip()
    if role is None or not text:
        return None
    usage = entry.note.usage if entry.note and role == "assistant" else None
    return LogLine(
        timestamp=entry.at_ms,
        role=role,
        content=text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…",
        tokens=usage.total if usage else None,
        cost=0 if usage else None,
    )
