"""All commands: who sees which, how long results are kept, who is told of an end, and that none is left."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from clawfleet.core.errors import ToolError
from clawfleet.sandbox.place import Closed, Command, Exit
from clawfleet.tools.failures import ToolDenied
from clawfleet.tools.runtime import processes as module
from clawfleet.tools.runtime.running import Owner
from tests.unit.tools.runtime.conftest import Yard
from tests.unit.tools.runtime.scripted_place import ScriptedPlace


async def test_commands_are_seen_by_their_agent_in_their_place(yard: Yard) -> None:
    """A session in the sandbox reaches no shell on the host, nor the other way round."""
    host, inside = ScriptedPlace(end=None), ScriptedPlace(end=None, host="sandbox")
    on_host = await yard.background(host)
    in_sandbox = await yard.background(inside)
    assert yard.processes.visible(host.owner("main", "agent:main:other")) == [on_host]
    assert yard.processes.visible(inside.owner()) == [in_sandbox]
    assert yard.processes.visible(host.owner("coding")) == []
    assert yard.processes.find(inside.owner(), on_host.id) is None
    assert yard.processes.find(host.owner(), on_host.id) is on_host


async def test_a_command_outside_the_sandbox_is_its_sessions_own(yard: Yard) -> None:
    """Who was allowed to let it out is not who else works in that sandbox."""
    inside = ScriptedPlace(host="sandbox")
    running = await yard.background(ScriptedPlace(end=None), owner=inside.owner("main", "agent:main:mine"))
    assert yard.processes.visible(inside.owner("main", "agent:main:mine")) == [running]
    assert yard.processes.visible(inside.owner("main", "agent:main:other")) == []


async def test_a_command_in_the_foreground_is_its_callers_alone(yard: Yard) -> None:
    place = ScriptedPlace(end=None)
    from pathlib import Path

    from clawfleet.tools.runtime.running import Limits

    running = yard.processes.begin(place, Command("x", Path("/w")), place.owner(), Limits(60), lambda text: None)
    assert yard.processes.visible(place.owner()) == []
    assert yard.processes.find(place.owner(), running.id) is None


async def test_only_so_many_run_at_once(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one agent in one place; others are not held up."""
    monkeypatch.setattr(module, "MOST_RUNNING", 2)
    place, inside = ScriptedPlace(end=None), ScriptedPlace(end=None, host="sandbox")
    first = await yard.background(place)
    await yard.background(place)
    with pytest.raises(ToolDenied, match="2 commands run already"):
        await yard.background(place)
    await yard.background(inside)
    first.stop()
    await first.over.wait()
    await yard.background(place)


async def test_a_prompt_is_told_what_runs(yard: Yard) -> None:
    """Not what has ended."""
    place = ScriptedPlace(end=None)
    assert yard.processes.told(place.owner()) is None
    await yard.ended(ScriptedPlace())
    running = await yard.background(place, "npm run dev")
    assert (
        yard.processes.told(place.owner()) == f"# Commands in the background (see `process`)\n- {running.id}: npm run"
    )


async def test_results_are_kept_for_a_while(yard: Yard) -> None:
    """Then they are gone by themselves."""
    place = ScriptedPlace(b"hi")
    running = await yard.ended(place, kept_s=0.05)
    assert yard.processes.find(place.owner(), running.id) is running
    async with asyncio.timeout(30):
        while yard.processes.find(place.owner(), running.id):
            await asyncio.sleep(0.01)


async def test_only_so_many_results_are_kept(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest go; what runs stays."""
    monkeypatch.setattr(module, "MOST_FINISHED", 2)
    place, endless = ScriptedPlace(b"hi"), ScriptedPlace(end=None)
    stays = await yard.background(endless)
    ended = [await yard.ended(place) for _ in range(4)]
    assert yard.processes.visible(place.owner()) == [stays, *ended[-2:]]


async def test_only_so_much_output_is_kept(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest result stays whatever its length."""
    monkeypatch.setattr(module, "MOST_CHARS", 10)
    place = ScriptedPlace(b"12345")
    ended = [await yard.ended(place) for _ in range(3)]
    assert yard.processes.visible(place.owner()) == ended[-2:]
    place.said = b"x" * 50
    newest = await yard.ended(place)
    assert yard.processes.visible(place.owner()) == [newest]


@pytest.mark.parametrize(
    ("said", "end", "limits", "told"),
    [
        (b"built\n", Exit(0), {}, "Exec completed ({id}, code 0): make all :: built"),
        (b"", Exit(2), {}, "Exec failed ({id}, code 2): make all"),
        (b"", Exit(None, "SIGKILL"), {}, "Exec failed ({id}, signal SIGKILL): make all"),
        (b"", Exit(0), {}, None),
        (b"", Exit(0), {"notify_empty": True}, "Exec completed ({id}, code 0): make all"),
        (b"built\n", Exit(0), {"notify": False}, None),
    ],
)
async def test_a_session_is_told_of_an_end(
    yard: Yard, said: bytes, end: Exit, limits: dict[str, Any], told: str | None
) -> None:
    """Once, with the end of the output; not of a quiet success."""
    place = ScriptedPlace(said, end)
    running = await yard.ended(place, owner=place.owner("main", "agent:main:x"), **limits)
    assert yard.told == ([("agent:main:x", told.format(id=running.id))] if told else [])


async def test_nobody_is_told_what_he_did_or_waits_for(yard: Yard) -> None:
    """A kill, and a poll that waits."""
    place = ScriptedPlace(b"said", None)
    killed = await yard.background(place)
    killed.stop()
    await killed.over.wait()
    watched = await yard.background(place)
    with watched.watched():
        place.release.set()
        await watched.over.wait()
    assert yard.told == []


async def test_a_time_limit_and_a_failure_are_told(yard: Yard) -> None:
    late = await yard.ended(ScriptedPlace(b"", None), timeout_s=0.01)
    closed = Closed("sandbox", ToolError("no sandbox"))
    failed = await yard.ended(closed, owner=Owner("main", "agent:main:main", "closed"))  # type: ignore[arg-type]
    assert [text for _, text in yard.told] == [
        f"Exec failed ({late.id}, timed out): make all :: last words",
        f"Exec failed ({failed.id}, could not run): make all",
    ]


async def test_closing_ends_everything(yard: Yard) -> None:
    """What runs is cancelled and waited for."""
    place = ScriptedPlace(end=None)
    running = await yard.background(place)
    await yard.processes.close()
    assert (place.was_cancelled, running.over.is_set()) == (True, True)
    assert yard.told == []
