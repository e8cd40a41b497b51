"""`status`: what this gateway is and what it does."""

import asyncio
import os
from pathlib import Path

from tests.unit.rpc.house import House, open_house


async def test_status_says_what_this_gateway_is(house: House) -> None:
    await house.say("hi")
    status = await house.call("status")
    assert (status["runtimeVersion"], status["pid"], status["port"], status["bind"]) == (
        "1.2.3",
        4711,
        18789,
        "loopback",
    )
    assert status["stateDir"] == str(house.gateway.instance.state_dir)
    assert status["sessions"]["count"] == 1
    (row,) = status["sessions"]["recent"]
    assert (row["key"], row["selectedModel"], row["model"]) == ("agent:main:main", "demo/echo", "echo")
    assert row["outputTokens"] > 0 and row["flags"] == [f"id:{row['sessionId']}"]
    assert row["remainingTokens"] == row["contextTokens"] - row["totalTokens"] and row["percentUsed"] < 100
    assert status["tasks"]["byStatus"]["running"] == status["taskAudit"]["total"] == 0
    assert (status["hostDesktop"]["enabled"], status["degradedPlugins"]) == (False, [])
    assert status["sessions"]["defaults"]["model"] == "echo"
    assert status["processMemory"]["rssBytes"] > 1_000_000
    assert status["uptimeMs"] >= 0


async def test_memory_is_what_is_in_use_now_not_what_once_was(house: House) -> None:
    """Operators watch this number for leaks; a peak would never come down."""
    before = (await house.call("status"))["processMemory"]["rssBytes"]
    ballast = os.urandom(96 * 1024 * 1024)
    full = (await house.call("status"))["processMemory"]["rssBytes"]
    del ballast
    after = (await house.call("status"))["processMemory"]["rssBytes"]
    assert full - before > 64 * 1024 * 1024
    assert full - after > 64 * 1024 * 1024


async def test_status_counts_runs_and_leaves_out_channels_on_request(tmp_path: Path) -> None:
    config = {"channels": {"telegram": {"botToken": "12345:abcdefghijklmnopqrstuvwxyz"}}}
    async with open_house(tmp_path, config, steps=[[asyncio.Event()]]) as house:
        await house.call("chat.send", sessionKey="main", message="hi", idempotencyKey="k")
        status = await house.call("status", includeChannelSummary=False, includeCliProjection=True)
    assert status["activeRuns"] == 1
    assert status["channelSummary"] == []
    assert status["sessions"]["recent"][0]["abortedLastRun"] is False


async def test_status_needs_to_be_allowed_to_read(house: House) -> None:
    error = await house.refused("status", caller=house.caller("nothing"))
    assert (error["code"], error["message"]) == ("FORBIDDEN", "missing scope: operator.read")


async def test_sessions_are_told_by_agent_with_their_age(tmp_path: Path) -> None:
    config = {"agents": {"entries": {"main": {"default": True}, "ops": {}}}}
    async with open_house(tmp_path, config, steps=[[asyncio.Event()], [asyncio.Event()]]) as house:
        for key in ("one", "agent:ops:two"):
            await house.call("chat.send", sessionKey=key, message="hi", idempotencyKey=key)
        status = await house.call("status")
    by_agent = {row["agentId"]: row for row in status["sessions"]["byAgent"]}
    assert list(by_agent) == ["main", "ops"]
    assert [row["key"] for row in by_agent["ops"]["recent"]] == ["agent:ops:two"]
    assert by_agent["ops"]["count"] == 1
    assert all(row["age"] >= 0 for row in status["sessions"]["recent"])
    assert [row["agentId"] for row in status["heartbeat"]["agents"]] == ["main", "ops"]
    assert not any(row["enabled"] for row in status["heartbeat"]["agents"])


async def test_a_command_line_may_ask_for_what_it_prints(tmp_path: Path) -> None:
    async with open_house(tmp_path, {"agents": {"entries": {"ops": {"name": "Ops"}}}}) as house:
        assert "cliProjection" not in await house.call("status")
        agents = (await house.call("status", includeCliProjection=True))["cliProjection"]["agents"]
    assert agents == {
        "defaultId": "ops",
        "ownership": "sole",
        "selectionRequired": False,
        "rows": [{"id": "ops", "name": "Ops"}],
    }
