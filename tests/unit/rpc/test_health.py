"""`health`: is it well."""

from pathlib import Path

import pytest

from clawfleet.core.loop import LoopHealth
from clawfleet.rpc.health import EventLoop
from clawfleet.rpc.registry import to_wire
from tests.unit.rpc.house import House, open_house


async def test_anybody_may_ask_for_health_also_with_params_it_does_not_know(house: House) -> None:
    nobody = house.caller("nothing.at.all")
    for params in (None, {}, {"probe": True, "bogus": 1}):
        (frame,) = await house.ask("health", params, caller=nobody)
        assert frame["ok"], frame
    health = frame["payload"]
    assert health["ok"] is True
    assert (health["defaultAgentId"], health["channelOrder"], health["channels"]) == ("main", [], {})
    assert [row["agentId"] for row in health["agents"]] == ["main"]
    assert health["eventLoop"]["degraded"] is False


@pytest.mark.parametrize(("mode", "status"), [(None, "active"), ("restart", "active"), ("off", "disabled")])
async def test_whether_an_edited_config_is_taken_up_shows(tmp_path: Path, mode: str | None, status: str) -> None:
    config = {"gateway": {"reload": {"mode": mode}}} if mode else None
    async with open_house(tmp_path, config) as house:
        assert (await house.call("health"))["configReload"] == {"hotReloadStatus": status}


async def test_health_counts_sessions_per_agent_and_names_the_newest(tmp_path: Path) -> None:
    config = {"agents": {"entries": {"main": {"default": True}, "ops": {}}}}
    async with open_house(tmp_path, config) as house:
        for key in ("one", "agent:ops:two", "three"):
            await house.call("chat.send", sessionKey=key, message="hi", idempotencyKey=key)
        await house.call("chat.abort", sessionKey="one")
        health = await house.call("health")
    assert (health["sessions"]["count"], len(health["sessions"]["recent"])) == (3, 3)
    by_agent = {row["agentId"]: row for row in health["agents"]}
    assert (by_agent["main"]["sessions"]["count"], by_agent["ops"]["sessions"]["count"]) == (2, 1)
    assert by_agent["main"]["isDefault"]
    assert by_agent["ops"]["sessions"]["recent"][0]["key"] == "agent:ops:two"
    assert all(row["age"] >= 0 for row in health["sessions"]["recent"])


async def test_a_channel_that_is_configured_shows_in_health_and_status(tmp_path: Path) -> None:
    config = {"channels": {"telegram": {"botToken": "12345:abcdefghijklmnopqrstuvwxyz"}}}
    async with open_house(tmp_path, config) as house:
        health = await house.call("health")
    assert health["channelOrder"] == ["telegram"]
    assert health["channelLabels"] == {"telegram": "Telegram"}
    assert health["channels"]["telegram"]["configured"] is True
    assert "abcdefghijklmnopqrstuvwxyz" not in str(health)


def test_a_late_event_loop_says_why_it_is_degraded() -> None:
    wire = to_wire(EventLoop.of(LoopHealth(True, 1500.0, 2000.0, 0.9, 0.9, 0.7, 1234)))
    breakdown = wire.pop("cpuBreakdown")
    assert (breakdown["mainThreadCoreRatio"], breakdown["otherThreadsCoreRatio"]) == (0.7, 0.2)
    assert 0 <= breakdown["hostUtilization"] <= 1 <= breakdown["hostCpuCount"]
    assert wire == {
        "degraded": True,
        "degradedSinceMs": 1234,
        "reasons": ["event_loop_delay"],
        "intervalMs": 1000,
        "delayP99Ms": 1500.0,
        "delayMaxMs": 2000.0,
        "utilization": 0.9,
        "cpuCoreRatio": 0.9,
    }


async def test_health_says_what_this_gateway_has_not_and_whose_model_cannot_answer(tmp_path: Path) -> None:
    config = {"agents": {"entries": {"main": {"default": True}, "ops": {"model": {"primary": "nobody/none"}}}}}
    async with open_house(tmp_path, config) as house:
        health = await house.call("health")
    assert health["plugins"] == {"loaded": [], "errors": [], "unavailable": []}
    assert health["modelRuntime"] == {"degraded": True, "pendingAgents": ["ops"]}
    assert health["eventLoop"]["degradedSinceMs"] is None


async def test_a_probe_asks_the_platforms_first(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []

    async def probe(channel: str | None = None, *, timeout_s: float) -> tuple[()]:
        asked.append(timeout_s)
        return ()

    monkeypatch.setattr(house.gateway.channels, "probe", probe)
    await house.call("health")
    assert asked == []
    await house.call("health", probe=True)
    assert asked == [10.0]
