"""Tokens, day by day."""

from datetime import UTC, datetime
from pathlib import Path

from clawfleet.core.messages import Usage
from clawfleet.models.providers.base import Finished, TextDelta
from tests.unit.agents.fakes import Step
from tests.unit.rpc.house import House, open_house


def today() -> str:
    """Where a test may begin before midnight and end after it, one of two days is right."""
    return datetime.now(UTC).date().isoformat()


async def test_no_provider_is_asked_for_its_limits(house: House) -> None:
    assert (await house.call("usage.status"))["providers"] == []


async def test_days_without_a_call_are_there_with_zeros(house: House) -> None:
    before = today()
    cost = await house.call("usage.cost")
    assert (cost["days"], len(cost["daily"]), cost["totals"]["totalTokens"]) == (30, 30, 0)
    assert cost["daily"][-1]["date"] in (before, today())
    assert set(cost["cacheStatus"]) == {"status", "cachedFiles", "pendingFiles", "staleFiles"}
    assert "at /days" in (await house.refused("usage.cost", {"days": 0}))["message"]


async def test_what_a_turn_took_is_counted_today(tmp_path: Path) -> None:
    steps: list[Step] = [[TextDelta("hi"), Finished("stop", Usage(input=10, output=5))]]
    config = {"agents": {"entries": {"main": {"default": True}, "ops": {}}}}
    async with open_house(tmp_path, config, steps=steps) as house:
        begun = today()
        await house.say("hello")
        cost = await house.call("usage.cost", days=2)
        others = await house.call("usage.cost", days=2, agentId="ops")
    (day,) = [row for row in cost["daily"] if row["totalTokens"]]
    assert (day["input"], day["output"], day["totalTokens"], day["missingCostEntries"]) == (10, 5, 15, 1)
    assert day["date"] in (begun, today())
    assert (cost["totals"]["totalTokens"], cost["totals"]["totalCost"]) == (15, 0)
    assert others["totals"]["totalTokens"] == 0
