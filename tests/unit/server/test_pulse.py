"""What goes out by itself: ticks, health, presence; and what goes away by itself."""

import asyncio
import logging
from pathlib import Path

import pytest

from clawfleet.agents.run import TurnInput
from clawfleet.core.errors import HostError
from clawfleet.protocol.handshake import Client
from clawfleet.server import pulse
from tests.unit.rpc.house import demo_at_once, until
from tests.unit.server.served import Served, serve

PAGE = Client(id="webchat-ui", version="1", platform="Linux", mode="webchat")


async def test_a_silent_client_gets_ticks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "TICK_INTERVAL_MS", 10)
    async with serve(tmp_path) as served, served.connect(scopes=[]) as client:
        await client.wait(lambda frame: frame.get("event") == "tick" and frame["seq"] >= 2)
        tick = client.of("tick")[0]
    assert set(tick["payload"]) == {"ts"}
    assert "stateVersion" not in tick


async def test_health_goes_out_with_a_growing_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "HEALTH_EVERY_S", 0.01)
    async with serve(tmp_path) as served, served.connect() as client:
        await client.wait(lambda f: f.get("event") == "health" and f["stateVersion"]["health"] >= 3)
        first, second = client.of("health")[:2]
        assert first["payload"]["ok"] is True
        answer = await client.call("health")
        assert answer.pop("modelRuntime")  # only who asks is told
        assert first["payload"] | {"ts": 0} == answer | {
            "ts": 0,
            "durationMs": first["payload"]["durationMs"],
            "eventLoop": first["payload"]["eventLoop"],
        }
    assert second["stateVersion"]["health"] > first["stateVersion"]["health"]


async def test_a_store_that_fails_for_a_while_does_not_end_the_pulse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pulse, "HEALTH_EVERY_S", 0.01)
    monkeypatch.setattr(pulse, "PRUNE_EVERY_S", 0.01)
    with caplog.at_level(logging.WARNING):
        async with serve(tmp_path) as served, served.connect() as client:
            await client.wait(lambda frame: frame.get("event") == "health")
            sessions = served.house.gateway.sessions
            failures: list[str] = []

            async def refuse(*args: object, **kwargs: object) -> None:
                failures.append("x")
                raise HostError("the disk is full")

            with pytest.MonkeyPatch.context() as broken:
                broken.setattr(sessions._db, "read", refuse)
                broken.setattr(sessions._db, "write", refuse)
                await until_async(lambda: len(failures) >= 4)
            seen = len(client.of("health"))
            await client.wait(lambda f: f.get("event") == "health" and len(client.of("health")) > seen)
    assert "the disk is full" in caplog.text
    assert "Traceback" not in caplog.text


async def until_async(claim: object) -> None:
    """Like `until`, for what takes some time."""
    async with asyncio.timeout(30):
        while not claim():  # type: ignore[operator]
            await asyncio.sleep(0.001)


async def test_everybody_who_reads_hears_who_came_and_went(served: Served) -> None:
    async with served.connect(scopes=["operator.read"]) as reader, served.connect(scopes=[]) as stranger:
        presence = served.house.gateway.presence
        presence.enter("c9", PAGE, ip=None, scopes=())
        presence.leave("c9")
        await reader.wait(lambda f: f.get("event") == "presence" and len(f["payload"]["presence"]) == 1)
        came, went = reader.of("presence")
        assert [len(frame["payload"]["presence"]) for frame in (came, went)] == [2, 1]
        assert went["stateVersion"]["presence"] == came["stateVersion"]["presence"] + 1
        served.broadcast.tell("tick", {"ts": 1})
        await stranger.wait(lambda frame: frame.get("event") == "tick")
        assert stranger.of("presence") == []


async def test_runs_are_told_as_they_go(served: Served) -> None:
    async with served.connect() as client:
        await client.ended(await client.send_chat("hi"))
        assert {frame["event"] for frame in client.events} == {"chat", "agent"}


async def test_old_one_shot_conversations_go_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    demo_at_once(monkeypatch)
    monkeypatch.setattr(pulse, "PRUNE_EVERY_S", 0.01)
    monkeypatch.setattr(pulse, "ONE_SHOT_LIFE_MS", -1000)
    async with serve(tmp_path) as served:
        house = served.house
        await house.say("stays")
        accepted = await house.gateway.runs.accept(TurnInput("agent:main:openai:1", "main", "goes", ephemeral=True))
        assert accepted.run is not None
        await accepted.run.outcome()
        async with asyncio.timeout(30):
            while (await house.gateway.sessions.history("agent:main:openai:1", limit=1)).session is not None:
                await asyncio.sleep(0.001)
        assert (await house.call("chat.history", sessionKey="main"))["totalMessages"] == 2


async def test_a_pulse_that_stopped_is_still(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "TICK_INTERVAL_MS", 1)
    async with serve(tmp_path) as served, served.connect() as client:
        await client.wait(lambda frame: frame.get("event") == "tick")
        await served.pulse.stop()
        assert not [task for task in asyncio.all_tasks() if task.get_name() in ("tick", "health", "prune")]
        await until(lambda: True)
