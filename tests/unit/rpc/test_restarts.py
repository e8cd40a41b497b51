"""May it be stopped now."""

import asyncio
from pathlib import Path

from clawfleet.models.providers.base import TextDelta
from tests.unit.rpc.house import House, open_house, until


async def test_an_idle_gateway_may(house: House) -> None:
    answer = await house.call("gateway.restart.preflight")
    assert (answer["safe"], answer["blockers"], answer["summary"]) == (True, [], "safe to restart now")
    assert set(answer["counts"].values()) == {0}


async def test_a_turn_stands_in_the_way_and_is_named(tmp_path: Path) -> None:
    async with open_house(tmp_path, {}, steps=[[TextDelta("half"), asyncio.Event()]]) as house:
        await house.call("chat.send", sessionKey="main", message="hi", idempotencyKey="one")
        await until(lambda: house.gateway.runs.live()[0].spoken)
        answer = await house.call("gateway.restart.preflight")
    assert (answer["safe"], answer["counts"]["embeddedRuns"], answer["counts"]["totalActive"]) == (False, 1, 1)
    assert answer["blockers"] == [{"kind": "embedded-run", "count": 1, "message": "1 running turns"}]


async def test_it_starts_anew_on_request(house: House) -> None:
    answer = await house.call("gateway.restart.request", reason="for a test", delayMs=0)
    assert (answer["ok"], answer["status"], answer["preflight"]["safe"]) == (True, "scheduled", True)
    assert answer["restart"] == {"ok": True, "pid": house.gateway.vitals.pid, "delayMs": 0, "reason": "for a test"}
    await until(house.control.restart_wanted.is_set)
    error = await house.refused("gateway.restart.request", caller=house.caller("operator.write"))
    assert error["details"]["missingScope"] == "operator.admin"


async def test_it_is_never_suspended(house: House) -> None:
    assert await house.call("gateway.suspend.status", suspensionId="x") == {"status": "running"}
    assert "suspensionId" in (await house.refused("gateway.suspend.status", {}))["message"]
