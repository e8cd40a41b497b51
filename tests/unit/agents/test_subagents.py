"""Subagents over a real store and real runs, with a scripted model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from clawfleet.agents.run import TurnInput
from clawfleet.agents.subagents import Subagents
from clawfleet.core.errors import ProviderError
from clawfleet.core.messages import Message
from clawfleet.core.requester import Requester
from clawfleet.runtime.desk import RuntimeDesk
from clawfleet.sessions.lifecycle import NewSession
from clawfleet.sessions.spawns import Spawn
from clawfleet.tools.conversations.failures import SpawnRefused
from clawfleet.tools.desk import Assignment
from tests.unit.agents.fakes import Step, hold_limit, say
from tests.unit.rpc.house import House, open_house

MAIN = "agent:main:main"
CONFIG: dict[str, Any] = {
    "models": {"providers": {"fake": {"baseUrl": "http://127.0.0.1:9/v1", "models": [{"id": "one"}, {"id": "two"}]}}},
    "agents": {
        "defaults": {"model": "fake/one", "subagents": {"maxSpawnDepth": 2, "maxChildrenPerAgent": 2}},
        "entries": {"main": {"subagents": {"allowAgents": ["main", "ops"]}}, "ops": {}},
    },
}


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path, CONFIG, steps=[]) as open_one:
        desk = RuntimeDesk(
            open_one.gateway.live, open_one.gateway.sessions, open_one.gateway.runs, open_one.gateway.channels
        )
        open_one.gateway.toolbox.desk = desk
        yield open_one
        await desk.children.close()


def children(house: House, *steps: Step) -> Subagents:
    """Who looks after subagents; the model plays `steps`."""
    house.gateway.models.script.steps[:] = steps  # type: ignore[attr-defined]
    found = house.gateway.runs.subagents
    assert isinstance(found, Subagents)
    return found


def order(task: str = "count", **more: Any) -> Assignment:
    return Assignment(**{"by_key": MAIN, "by_agent": "main", "run_id": "", "task": task, **more})


def asked(house: House) -> list[Message]:
    """The last message of every model call."""
    return [messages[-1] for messages in house.gateway.models.script.seen]  # type: ignore[attr-defined]


async def over(house: House, spawn: Spawn, *, told: bool = True) -> Spawn:
    """The subagent once it is over, and its result told."""
    async with asyncio.timeout(30):
        while True:
            found = await house.gateway.sessions.spawns.of_session(spawn.key)
            assert found is not None
            if found.state != "running" and (found.announced_at_ms is not None or not told):
                await house.settled()
                return found
            await asyncio.sleep(0.005)


async def calls(house: House, count: int) -> None:
    """Return once the model was asked so often."""
    async with asyncio.timeout(30):
        while len(asked(house)) < count:
            await asyncio.sleep(0.005)


async def test_a_result_comes_back_as_a_turn_of_its_own(house: House) -> None:
    """The child reads its task; the requester reads the result, and whose it is."""
    spawn = await children(house, say("forty two"), say("it is 42")).spawn(order("how many?", label="counting"))
    assert spawn.key.startswith("agent:main:subagent:")
    done = await over(house, spawn)
    assert (done.state, done.result, done.tokens_out) == ("done", "forty two", 2)
    task, result = asked(house)
    assert "depth 1/2" in task.text
    assert task.text.endswith("[Subagent Task]\n\nhow many?")
    assert "<prompt-data>\nforty two\n</prompt-data>" in result.text
    assert f"session_key: {spawn.key}" in result.text
    assert "task: counting" in result.text
    assert "status: completed successfully" in result.text
    answers = [entry.message.text for entry in (await house.gateway.sessions.history(MAIN, limit=9)).entries]
    assert answers[-1] == "it is 42"
    child = await house.gateway.sessions.find(spawn.key)
    assert child is not None
    assert (child.parent_key, child.created_via) == (MAIN, "spawn")


async def test_a_child_works_in_the_name_of_who_asked(house: House) -> None:
    """Its requester, its limits of tools and where the answer goes are those of the run that spawned it."""
    somebody = Requester("telegram", sender_id="42", chat_type="group", chat_id="-7")
    gate = asyncio.Event()
    spawn = await children(house, [gate, *say("x")], say("y")).spawn(
        order(requester=somebody, caps=("read", "message"), delivery=None, agent_id="OPS", model="fake/two")
    )
    (run,) = house.gateway.runs.live(spawn.key)
    assert (run.asked.requester, run.input.agent_id) == (somebody, "ops")
    async with asyncio.timeout(30):
        while run.spawn is None:
            await asyncio.sleep(0.005)
    house.gateway.models.script.seen.clear()  # type: ignore[attr-defined]
    gate.set()
    await over(house, spawn)
    assert str(house.gateway.models.script.asked[0][0]) == "fake/two"  # type: ignore[attr-defined]


async def test_limits_refuse(house: House) -> None:
    """Depth, number of children, agents, models; nothing is left behind."""
    gate = asyncio.Event()
    steps = [[gate, *say("a")], [gate, *say("b")], *[say("NO_REPLY")] * 2]
    who = children(house, *steps)
    for wrong, words in (
        ({"agent_id": "nobody"}, "agentId is not allowed for sessions_spawn (allowed: main, ops)"),
        ({"model": "bogus/model"}, 'sessions_spawn model "bogus/model" is not usable'),
        ({"needs_sandbox": True}, 'sandbox="require" needs a sandboxed target runtime'),
        ({"agent_id": "ops", "forks": True}, "needs the same agent"),
        ({"thinking": "enormous"}, "not supported"),
    ):
        with pytest.raises(SpawnRefused) as caught:
            await who.spawn(order(**wrong))
        assert words in caught.value.message
    first = await who.spawn(order())
    second = await who.spawn(order())
    with pytest.raises(SpawnRefused, match="max active children"):
        await who.spawn(order())
    assert len(await house.gateway.sessions.spawns.running()) == 2
    gate.set()
    await over(house, first)
    await over(house, second)


async def test_generations_end(house: House) -> None:
    """A subagent may spawn where the depth allows it, its child may not; and it is over when its child is."""
    gate, child_gate = asyncio.Event(), asyncio.Event()
    steps = [[gate, *say("parent's first")], [child_gate, *say("child's")], say("parent's last"), say("ok")]
    who = children(house, *steps)
    parent = await who.spawn(order("parent"))
    await calls(house, 1)
    child = await who.spawn(order("child", by_key=parent.key))
    assert child.depth == 2
    with pytest.raises(SpawnRefused, match="current depth: 2, max: 2"):
        await who.spawn(order(by_key=child.key))
    await calls(house, 2)
    gate.set()
    while house.gateway.runs.live(parent.key):
        await asyncio.sleep(0.005)
    child_gate.set()
    done = await over(house, parent)
    assert done.result == "parent's last"
    assert "<prompt-data>\nparent's last\n</prompt-data>" in asked(house)[-1].text


async def test_failures_are_told_and_silence_is_kept(house: House) -> None:
    who = children(house, [ProviderError("no key")], say("oh"), say("all quiet ANNOUNCE_SKIP"), say("x"))
    failed = await over(house, await who.spawn(order()))
    assert (failed.state, failed.error) == ("failed", "no key")
    assert "status: failed" in asked(house)[-1].text and "error: no key" in asked(house)[-1].text
    await over(house, await who.spawn(order()))
    await over(house, await who.spawn(order(announces=False, cleanup="delete")), told=False)
    assert len(house.gateway.models.script.seen) == 4  # type: ignore[attr-defined]


async def test_a_time_limit_ends_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    end_its_time = hold_limit(monkeypatch, 29.0)
    spawn = await children(house, [asyncio.Event()], say("oh")).spawn(order(timeout_s=29.0))
    await calls(house, 1)
    end_its_time()
    done = await over(house, spawn)
    assert done.state == "timeout"
    assert "its time was over" in asked(house)[-1].text


async def test_stopping_takes_generations_along(house: House) -> None:
    """By hand, or with the session that they work for; nobody is told what he did himself."""
    gate = asyncio.Event()
    who = children(house, *([gate, *say("x")] for _ in range(4)))
    parent = await who.spawn(order("parent"))
    child = await who.spawn(order("child", by_key=parent.key))
    assert [each.run_id for each in await who.cancel([parent])] == [parent.run_id]
    assert [(await over(house, each)).state for each in (parent, child)] == ["killed", "killed"]
    again = await who.spawn(order("again"))
    house.gateway.runs.abort(session_key=MAIN, reason="stop")
    assert (await over(house, again)).state == "killed"
    assert await house.gateway.sessions.find(MAIN) is None  # no turn there


async def test_a_fork_knows_what_was_said(house: House) -> None:
    """But not the answer that is being made."""
    session, _ = await house.gateway.sessions.create(NewSession(MAIN, "main"))
    await house.gateway.sessions.append(
        session.session_id, "run-9", [Message("user", "earlier question"), Message("assistant", "half an answer")]
    )
    who = children(house, say("x"), say("y"))
    await over(house, await who.spawn(order(forks=True, run_id="run-9")))
    said = [message.text for message in house.gateway.models.script.seen[0]]  # type: ignore[attr-defined]
    assert any("earlier question" in text for text in said)
    assert not any("half an answer" in text for text in said)


async def test_what_a_stopped_gateway_owes_is_told_after_its_next_start(house: House) -> None:
    """What ran is lost and said to be; a result is told once."""
    store = house.gateway.sessions.spawns
    who = children(house, say("sorry"), say("thanks"))
    base = {"by_key": MAIN, "agent_id": "main", "by_agent": "main", "task": "t", "depth": 1}
    await store.add(Spawn("r1", "agent:main:subagent:1", **base))  # type: ignore[arg-type]
    await store.add(Spawn("r2", "agent:main:subagent:2", **base))  # type: ignore[arg-type]
    await store.end("r2", "done", result="kept result")
    await who.resume()
    lost = await over(house, Spawn("r1", "agent:main:subagent:1", **base))  # type: ignore[arg-type]
    await over(house, Spawn("r2", "agent:main:subagent:2", **base))  # type: ignore[arg-type]
    assert lost.state == "lost"
    texts = [message.text for message in asked(house)]
    assert any("the gateway stopped before it was done" in text for text in texts)
    assert any("kept result" in text for text in texts)
    await who.resume()
    assert len(asked(house)) == 2


async def test_old_sessions_are_put_away(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    who = children(house, say("x"), say("y"), say("z"), say("w"))
    first = await over(house, await who.spawn(order()))
    monkeypatch.setattr("clawfleet.agents.subagents.MINUTE_MS", -1)
    await over(house, await who.spawn(order()))
    session = await house.gateway.sessions.find(first.key)
    assert session is not None
    assert session.archived_at_ms is not None


async def test_waiting_has_an_end(house: House) -> None:
    gate = asyncio.Event()
    who = children(house, [gate, *say("x")], say("y"))
    spawn = await who.spawn(order())
    await who.wait([spawn.run_id], 0.01)
    assert (await who.of(MAIN))[0].state == "running"
    gate.set()
    await who.wait([spawn.run_id, "unknown"], 5)
    assert (await who.of(MAIN, since_ms=0))[0].state == "done"
    await house.settled()


async def test_a_turn_that_yields_ends(house: House) -> None:
    """Its last words are the tool's; silence when there are none."""
    from tests.unit.agents.fakes import call

    children(house, call("sessions_yield", '{"acknowledgment": "on it"}'), call("sessions_yield"))
    for words in ("on it", "NO_REPLY"):
        run = (await house.gateway.runs.accept(TurnInput(MAIN, "main", "go"))).run
        assert run is not None
        assert (await run.done).text == words
