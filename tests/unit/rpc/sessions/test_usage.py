"""What conversations took is told by session and together."""

from datetime import timedelta

import pytest

from clawfleet.core.errors import RequestError
from clawfleet.rpc.sessions.usage import Dates
from tests.unit.rpc.house import House


async def test_every_session_and_all_together(house: House) -> None:
    await house.say("hi", run="k1")
    await house.say("hi", key="x", run="k2")
    used = await house.call("sessions.usage", agentId="main", mode="specific", utcOffset="UTC+0")
    assert [row["key"] for row in used["sessions"]] == ["agent:main:x", "agent:main:main"]
    one = used["sessions"][0]["usage"]
    assert one["totalTokens"] == one["input"] + one["output"] > 0
    assert one["messageCounts"]["total"] == 2
    assert used["totals"]["totalTokens"] == 2 * one["totalTokens"]
    assert (used["aggregates"]["sessionCount"], used["aggregates"]["byModel"][0]["count"]) == (2, 2)
    only = await house.call("sessions.usage", key="x")
    assert [row["key"] for row in only["sessions"]] == ["agent:main:x"]
    none = await house.call("sessions.usage", startDate="2020-01-01", endDate="2020-01-02")
    assert (none["sessions"], none["totals"]["totalTokens"]) == ([], 0)
    assert (none["startDate"], none["endDate"]) == ("2020-01-01", "2020-01-02")


def test_a_span_is_whole_days_where_it_is_asked_for() -> None:
    first, last, since_ms, until_ms = Dates(start_date="2026-11-01", end_date="2026-11-02").span()
    assert (first, last, until_ms - since_ms) == ("2026-11-01", "2026-11-02", 2 * 24 * 3600 * 1000)
    shifted = Dates(start_date="2026-11-01", end_date="2026-11-02", mode="specific", utc_offset="UTC+05:30").span()
    assert since_ms - shifted[2] == timedelta(hours=5, minutes=30) / timedelta(milliseconds=1)
    assert Dates(range="all").span()[0] == "1970-01-02"


@pytest.mark.parametrize("wrong", [{"start_date": "soon"}, {"mode": "specific", "utc_offset": "Mars"}])
def test_what_is_no_date_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(RequestError):
        Dates(**wrong).span()
