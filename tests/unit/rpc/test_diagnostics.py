"""What stands in line."""

import asyncio
from pathlib import Path

from clawfleet.models.providers.base import TextDelta
from tests.unit.rpc.house import House, open_house, until


async def test_the_lane_counts_who_is_in_it(tmp_path: Path) -> None:
    async with open_house(tmp_path, {}, steps=[[TextDelta("half"), asyncio.Event()]]) as house:
        for run in ("one", "two"):
            await house.call("chat.send", sessionKey="main", message="hi", idempotencyKey=run)
        await until(lambda: house.gateway.runs.live()[0].spoken)
        (lane,) = (await house.call("diagnostics.lanes"))["lanes"]
    assert (lane["lane"], lane["activeCount"], lane["queuedCount"]) == ("main", 1, 1)
    assert lane["maxConcurrent"] >= 1 and lane["blockedBy"] is None


async def test_no_record_is_kept_beside_the_log(house: House) -> None:
    record = await house.call("diagnostics.stability", limit=25)
    assert (record["capacity"], record["count"], record["events"]) == (0, 0, [])
    assert record["summary"] == {"byType": {}} and record["generatedAt"].endswith("Z")
