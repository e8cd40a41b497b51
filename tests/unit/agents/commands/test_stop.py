"""`/stop` ends what runs and what waits."""

import asyncio
from pathlib import Path

from clawfleet.agents.run import TurnInput
from clawfleet.sessions.sessions import Sessions
from tests.unit.agents.commands.typed import KEY, typed
from tests.unit.agents.fakes import House, build


async def test_all_runs_of_the_session_end(sessions: Sessions, tmp_path: Path) -> None:
    house = build(sessions, tmp_path, [[asyncio.Event()]])
    accepted = [await house.runs.accept(TurnInput(KEY, "main", text)) for text in ("one", "two")]
    assert await typed(house, "/stop") == "⚙️ Stopped."
    outcomes = [await item.run.outcome() for item in accepted if item.run]
    assert [outcome.aborted for outcome in outcomes] == ["stop", "stop"]


async def test_without_any_it_says_so(house: House) -> None:
    assert await typed(house, "/stop") == "⚙️ Nothing is running."
