"""Tokens are summed up once, by day, model and session."""

from datetime import UTC, timedelta, timezone

from clawfleet.core.messages import Usage
from clawfleet.rpc.sessions import tally
from clawfleet.sessions.usage import UsageRow

DAY_MS = 24 * 3600 * 1000
ROWS = [
    UsageRow("k", "s", "main", "r1", 0, "user", None, None, 0, False, None),
    UsageRow("k", "s", "main", "r1", 2_000, "assistant", "p", "a", 1, False, Usage(10, 5, 2, 1)),
    UsageRow("k", "s", "main", "r1", 2_500, "tool", None, None, 0, True, None),
    UsageRow("k", "s", "main", "r1", 3_000, "assistant", "p", "b", 0, False, Usage(1, 1)),
    UsageRow("k", "s", "main", "r2", DAY_MS, "user", None, None, 0, False, None),
    UsageRow("k", "s", "main", "r2", DAY_MS + 1_000, "assistant", "openclaw", "gateway-injected", 0, False, Usage()),
]


def test_tokens_add_up_and_their_price_is_not_known() -> None:
    total = tally.totals(ROWS)
    assert (total.input, total.output, total.cache_read, total.cache_write, total.total_tokens) == (11, 6, 2, 1, 20)
    assert (total.total_cost, total.missing_cost_entries) == (0, 2)


def test_days_are_those_of_the_zone() -> None:
    assert [(day.date, day.total_tokens) for day in tally.daily_totals(ROWS, UTC)] == [("1970-01-01", 20)]
    assert tally.day_of(ROWS[0], timezone(-timedelta(hours=1))) == "1969-12-31"
    assert [(day.date, day.tokens, day.messages) for day in tally.days(ROWS, UTC)] == [
        ("1970-01-01", 20, 3),
        ("1970-01-02", 0, 2),
    ]


def test_models_are_counted_apart_and_providers_together() -> None:
    assert [(row.model, row.count, row.totals.total_tokens) for row in tally.by_model(ROWS)] == [
        ("a", 1, 18),
        ("b", 1, 2),
    ]
    assert [(row.provider, row.model, row.count) for row in tally.by_provider(ROWS)] == [("p", None, 2)]
    assert [(row.model, row.tokens) for row in tally.model_days(ROWS, UTC)] == [("a", 18), ("b", 2)]


def test_messages_and_waits() -> None:
    told = tally.counts(ROWS)
    assert (told.total, told.user, told.assistant, told.tool_calls, told.tool_results, told.errors) == (
        5,
        2,
        3,
        1,
        1,
        1,
    )
    wait = tally.latency(ROWS)
    assert wait is not None
    assert (wait.count, wait.avg_ms, wait.min_ms, wait.max_ms, wait.p95_ms) == (2, 2000, 1000, 3000, 3000)
    assert tally.latency([]) is None
