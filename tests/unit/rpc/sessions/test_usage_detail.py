"""How one conversation came to its tokens."""

from dataclasses import replace

import pytest

from clawfleet.core.messages import Message, ToolCall, Usage
from clawfleet.rpc.sessions.usage_detail import LONGEST_TEXT, line_of, points_of
from clawfleet.sessions.model import Entry
from clawfleet.sessions.usage import UsageRow
from tests.unit.rpc.house import House

ROW = UsageRow("k", "s", "main", "r", 1, "assistant", "demo", "echo", 0, False, Usage(input=3, output=2))


async def test_a_conversation_is_told_call_by_call(house: House) -> None:
    for run in ("k1", "k2"):
        await house.say("hi", run=run)
    series = await house.call("sessions.usage.timeseries", key="main")
    first, second = series["points"]
    assert first["totalTokens"] == first["input"] + first["output"] == first["cumulativeTokens"] > 0
    assert second["cumulativeTokens"] == first["totalTokens"] + second["totalTokens"]
    assert first["timestamp"] <= second["timestamp"]
    told = (await house.call("sessions.usage.logs", key="main"))["logs"]
    assert [row["role"] for row in told] == ["user", "assistant"] * 2
    assert [row.get("tokens") for row in told] == [None, first["totalTokens"], None, second["totalTokens"]]
    assert told[0]["content"] == "hi"
    (last,) = (await house.call("sessions.usage.logs", key="main", limit=1))["logs"]
    assert last == told[-1]


async def test_a_conversation_that_never_was(house: House) -> None:
    (frame,) = await house.ask("sessions.usage.timeseries", {"key": "nope"})
    assert frame["error"]["message"] == "No transcript found for session: nope"
    assert await house.call("sessions.usage.logs", key="nope") == {"logs": []}


@pytest.mark.parametrize(("calls", "points", "last"), [(0, 0, None), (3, 3, 5), (4, 4, 5), (5, 3, 5), (9, 3, 15)])
def test_many_calls_share_a_point(calls: int, points: int, last: int | None) -> None:
    found = points_of([replace(ROW, at_ms=at) for at in range(calls)], most=4)
    assert len(found) == points
    if found:
        assert (found[-1].total_tokens, found[-1].cumulative_tokens) == (last, 5 * calls)
        assert found[-1].timestamp == calls - 1


@pytest.mark.parametrize(
    ("message", "content"),
    [
        (Message("user", "hi"), "hi"),
        (Message("assistant", "", tool_calls=(ToolCall("1", "exec", "{}"),)), "[Tool: exec]"),
        (Message("tool", "done", tool_call_id="1", tool_name="exec"), "[Tool: exec]\n[Tool Result]\ndone"),
        (Message("user", "x" * 3000), "x" * LONGEST_TEXT + "…"),
        (Message("assistant", " "), None),
        (Message("system", "begun anew"), None),
    ],
)
def test_a_message_in_short(message: Message, content: str | None) -> None:
    line = line_of(Entry("s", 1, "e", None, 7, message))
    assert (line.content if line else None) == content
