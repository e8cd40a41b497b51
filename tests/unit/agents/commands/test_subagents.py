"""`/subagents` and its short forms, typed in a session of a real gateway's parts."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from clawfleet.agents.run import TurnInput
from clawfleet.runtime.desk import RuntimeDesk
from tests.unit.agents.fakes import Step, say
from tests.unit.rpc.house import House, open_house

MAIN = "agent:main:main"
CONFIG: dict[str, Any] = {
    "models": {"providers": {"fake": {"baseUrl": "http://127.0.0.1:9/v1", "models": [{"id": "one"}]}}},
    "agents": {
        "defaults": {"model": "fake/one", "subagents": {"allowAgents": ["*"]}},
        "entries": {"main": {}, "coding": {}},
    },
}


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path, CONFIG, steps=[]) as one:
        desk = RuntimeDesk(one.gateway.live, one.gateway.sessions, one.gateway.runs, one.gateway.channels)
        yield one
        await desk.children.close()


def play(house: House, *steps: Step) -> None:
    house.gateway.models.script.steps[:] = steps  # type: ignore[attr-defined]


async def typed(house: House, text: str) -> str:
    """The answer to a command."""
    run = (await house.gateway.runs.accept(TurnInput(MAIN, "main", text, may_command=True))).run
    assert run is not None
    return (await run.outcome()).text


async def until_told(house: House) -> None:
    async with asyncio.timeout(30):
        while await house.gateway.sessions.spawns.running() or await house.gateway.sessions.spawns.owed():
            await asyncio.sleep(0.005)
    await house.settled()


async def test_a_person_spawns_and_hears_of_it(house: House) -> None:
    """The command answers at once, the result comes as a message; list, info and log show it."""
    play(house, say("hi there"), say("It said hi."))
    answer = await typed(house, "/subagents spawn coding SAY hi --thinking off")
    run_id = re.search(r"^Run: (\S+)$", answer, re.MULTILINE)
    assert run_id is not None
    assert "Session: agent:coding:subagent:" in answer
    await until_told(house)
    entries = (await house.gateway.sessions.history(MAIN, limit=9)).entries
    assert entries[-1].message.text == "It said hi."
    listed = await typed(house, "/subagents list")
    assert listed.startswith("active subagents:\n-----\n(none)\n\nrecent subagents (last 30m):\n-----\n1. ")
    assert "(coding, runtime 0s" in listed
    assert listed.endswith("done - SAY hi")
    info = await typed(house, f"/subagents info {run_id[1][:8]}")
    assert info.startswith("ℹ️ Subagent info\nStatus: done\n")
    assert "Delivery: told" in info
    log = await typed(house, "/subagents log 1")
    assert log.splitlines()[0].startswith("📜 Subagent log: ")
    assert log.endswith("assistant: hi there")


async def test_a_person_talks_to_one_and_stops_it(house: House) -> None:
    """By number or name, in the long and the short form."""
    gate = asyncio.Event()
    play(house, *([gate, *say("x")] for _ in range(4)))
    await typed(house, "/subagents spawn main first task")
    assert re.fullmatch(r"✉️ Sent to \w+ \(run \w+\)\.", await typed(house, "/subagents send 1 go faster"))
    assert (await typed(house, "/tell #1 faster still")).startswith("✉️ Sent to")
    assert (await typed(house, "/kill 1")).startswith("🛑 Stopped ")
    await until_told(house)
    assert "is not running (killed)" in await typed(house, "/subagents kill 1")
    assert await typed(house, "/kill all") == "Nothing is running."
    await typed(house, "/subagents spawn main another")
    assert await typed(house, "/subagents kill all") == "🛑 Stopped 1 subagents."
    await until_told(house)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("/subagents dance", "🧭 Usage: /subagents list | spawn"),
        ("/subagents spawn coding", "Usage: /subagents spawn <agentId> <task>"),
        ("/subagents spawn nobody do it", "agentId is not allowed for sessions_spawn (allowed: main, coding)"),
        ("/subagents info zzz", "⚠️ Unknown subagent id: zzz"),
        ("/subagents send 1", "Usage: /subagents send"),
        ("/subagents kill", "Usage: /subagents kill"),
        ("/subagents log", "Usage: /subagents log"),
    ],
)
async def test_what_cannot_be_done_says_how_it_is_typed(house: House, text: str, words: str) -> None:
    assert words in await typed(house, text)
