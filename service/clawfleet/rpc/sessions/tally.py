"""Tokens, messages and waiting times of many model calls, summed up. Decides only; shapes from protocol §12."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import datetime, tzinfo
from typing import TypeVar

from clawfleet.rpc.registry import Result
from clawfleet.sessions.usage import UsageRow

K = TypeVar("K", bound=Hashable)


class Totals(Result):
    """Tokens of some calls. What they cost is not known here: every call counts as a `missingCostEntries`."""

    input: int
    output: int
    cache_read: int
    cache_write: int
    total_tokens: int
    total_cost: float = 0
    input_cost: float = 0
    output_cost: float = 0
    cache_read_cost: float = 0
    cache_write_cost: float = 0
    missing_cost_entries: int


class DailyTotals(Totals):
    """The tokens of one day."""

    date: str


class MessageCounts(Result):
    """How many messages of each kind."""

    total: int
    user: int
    assistant: int
    tool_calls: int
    tool_results: int
    errors: int


class ModelTotals(Result):
    """The tokens of one model; `model` is missing where all of a provider are one."""

    provider: str
    model: str | None = None
    count: int
    totals: Totals


class ModelDay(Result):
    """The tokens of one model on one day."""

    date: str
    provider: str
    model: str
    tokens: int
    cost: float = 0
    count: int


class Latency(Result):
    """How long answers took, from question to last word."""

    count: int
    avg_ms: int
    p95_ms: int
    min_ms: int
    max_ms: int


class Day(Result):
    """What happened on one day."""

    date: str
    tokens: int
    cost: float = 0
    messages: int
    tool_calls: int
    errors: int


def grouped(rows: Iterable[UsageRow], key: Callable[[UsageRow], K]) -> dict[K, list[UsageRow]]:
    """`rows` by `key`, in order of first appearance."""
    groups: dict[K, list[UsageRow]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return dict(groups)


def spent(rows: Iterable[UsageRow]) -> list[UsageRow]:
    """The messages that a model said."""
    return [row for row in rows if row.usage is not None and row.usage.total]


def totals(rows: Iterable[UsageRow]) -> Totals:
    """The tokens of `rows` together."""
    return Totals(**_sums(rows))


def _sums(rows: Iterable[UsageRow]) -> dict[str, int]:
    used = [row.usage for row in rows if row.usage is not None and row.usage.total]
    return {
        "input": sum(usage.input for usage in used),
        "output": sum(usage.output for usage in used),
        "cache_read": sum(usage.cache_read for usage in used),
        "cache_write": sum(usage.cache_write for usage in used),
        "total_tokens": sum(usage.total for usage in used),
        "missing_cost_entries": len(used),
    }


def day_of(row: UsageRow, zone: tzinfo) -> str:
    """The date of a message where `zone` is."""
    return datetime.fromtimestamp(row.at_ms / 1000, zone).date().isoformat()


def daily_totals(rows: Iterable[UsageRow], zone: tzinfo) -> list[DailyTotals]:
    """The tokens of each day on which there were any."""
    days = grouped(spent(rows), lambda row: day_of(row, zone))
    return [DailyTotals(date=date, **_sums(some)) for date, some in days.items()]


def counts(rows: Sequence[UsageRow]) -> MessageCounts:
    """How many messages `rows` are."""
    said = [row for row in rows if row.role in ("user", "assistant")]
    return MessageCounts(
        total=len(said),
        user=sum(row.role == "user" for row in said),
        assistant=sum(row.role == "assistant" for row in said),
        tool_calls=sum(row.tool_calls for row in rows),
        tool_results=sum(row.role == "tool" for row in rows),
        errors=sum(row.is_error for row in rows),
    )


def by_model(rows: Iterable[UsageRow]) -> list[ModelTotals]:
    """The tokens of each model."""
    models = grouped(spent(rows), lambda row: (row.provider or "", row.model or ""))
    return [
        ModelTotals(provider=provider, model=model, count=len(some), totals=totals(some))
        for (provider, model), some in models.items()
    ]


def by_provider(rows: Iterable[UsageRow]) -> list[ModelTotals]:
    """The tokens of each provider."""
    providers = grouped(spent(rows), lambda row: row.provider or "")
    return [
        ModelTotals(provider=provider, count=len(some), totals=totals(some)) for provider, some in providers.items()
    ]


def model_days(rows: Iterable[UsageRow], zone: tzinfo) -> list[ModelDay]:
    """The tokens of each model on each day."""
    days = grouped(spent(rows), lambda row: (day_of(row, zone), row.provider or "", row.model or ""))
    return [
        ModelDay(date=date, provider=provider, model=model, tokens=totals(some).total_tokens, count=len(some))
        for (date, provider, model), some in days.items()
    ]


def latency(rows: Iterable[UsageRow]) -> Latency | None:
    """How long the runs of `rows` took; None when none has a question and an answer."""
    waits = []
    for run_id, some in grouped(rows, lambda row: row.run_id).items():
        asked = [row.at_ms for row in some if row.role == "user"]
        told = [row.at_ms for row in some if row.role == "assistant"]
        if run_id is not None and asked and told:
            waits.append(max(told) - min(asked))
    if not waits:
        return None
    waits.sort()
    late = waits[min(len(waits) - 1, int(len(waits) * 0.95))]
    return Latency(count=len(waits), avg_ms=sum(waits) // len(waits), p95_ms=late, min_ms=waits[0], max_ms=waits[-1])


def days(rows: Iterable[UsageRow], zone: tzinfo) -> list[Day]:
    """What happened on each day."""
    made = []
    for date, some in grouped(rows, lambda row: day_of(row, zone)).items():
        told = counts(some)
        made.append(
            Day(
                date=date,
                tokens=totals(some).total_tokens,
                messages=told.total,
                tool_calls=told.tool_calls,
                errors=told.errors,
            )
        )
    return made
