"""process: every action, and what it refuses."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from clawfleet.core.errors import ToolError
from clawfleet.tools.base import ToolContext, ToolResult
from clawfleet.tools.failures import BadArguments
from clawfleet.tools.runtime.process import ProcessTool
from tests.unit.tools.runtime.conftest import Yard
from tests.unit.tools.runtime.scripted_place import ScriptedPlace


async def process(yard: Yard, place: ScriptedPlace, action: str, **arguments: object) -> ToolResult:
    context = ToolContext("run", "agent:main:main", "main", Path("/w"), "call", lambda text: None)
    return await ProcessTool(yard.processes, place).run(context, {"action": action, **arguments})


async def test_a_list_holds_what_this_place_runs(yard: Yard) -> None:
    place = ScriptedPlace(end=None)
    running = await yard.background(place)
    assert running.id in (await process(yard, place, "list")).text
    assert (await process(yard, ScriptedPlace(host="sandbox"), "list")).text == "No running or recent sessions."


async def test_a_poll_waits_for_the_end(yard: Yard) -> None:
    """As long as it is told to, and not a moment longer than the command runs."""
    place = ScriptedPlace(b"hi", None)
    running = await yard.background(place)
    assert (await process(yard, place, "poll", sessionId=running.id, timeout=1)).text == "hi\n\nProcess still running."
    polling = asyncio.ensure_future(process(yard, place, "poll", sessionId=running.id, timeout=30_000))
    await asyncio.sleep(0)
    place.release.set()
    async with asyncio.timeout(30):
        assert "exited with code 0" in (await polling).text
    assert yard.told == []


@pytest.mark.parametrize(
    ("action", "arguments", "typed", "text"),
    [
        ("write", {"data": "y\n"}, b"y\n", "Wrote 2 bytes to session {id}."),
        ("write", {"data": "ü", "eof": True}, "ü\x04".encode(), "Wrote 2 bytes to session {id} (input ended)."),
        ("send-keys", {"keys": ["C-c", "Enter"]}, b"\x03\r", "Sent 2 bytes to session {id}."),
        ("send-keys", {"hex": ["1b5b41"], "literal": "q"}, b"q\x1b[A", "Sent 4 bytes to session {id}."),
        ("submit", {}, b"\r", "Submitted session {id} (sent CR)."),
        ("paste", {"text": "a\nb"}, b"\x1b[200~a\nb\x1b[201~", "Pasted 3 chars to session {id}."),
        ("paste", {"text": "a", "bracketed": False}, b"a", "Pasted 1 chars to session {id}."),
    ],
)
async def test_a_terminal_is_typed_to(
    yard: Yard, action: str, arguments: dict[str, object], typed: bytes, text: str
) -> None:
    place = ScriptedPlace(end=None)
    running = await yard.background(place, pty=True)
    result = await process(yard, place, action, sessionId=running.id, **arguments)
    assert result.text == text.format(id=running.id)
    assert place.typed == typed
    assert result.details == {"status": "running", "sessionId": running.id, "name": "make all"}


async def test_what_takes_no_input_says_why(yard: Yard) -> None:
    place = ScriptedPlace(end=None)
    plain = await yard.background(place)
    with pytest.raises(ToolError, match="start it with pty: true"):
        await process(yard, place, "submit", sessionId=plain.id)
    inside = ScriptedPlace(host="sandbox")
    elevated = await yard.background(place, pty=True, owner=inside.owner())
    with pytest.raises(ToolError, match="it runs outside the sandbox"):
        await process(yard, inside, "write", sessionId=elevated.id, data="rm -r /")
    ended = await yard.ended(ScriptedPlace(), pty=True)
    with pytest.raises(ToolError, match="it has ended"):
        await process(yard, place, "write", sessionId=ended.id, data="x")


async def test_kill_clear_and_remove(yard: Yard) -> None:
    """A kill waits for the end; clear is for what has ended; remove is for both."""
    place = ScriptedPlace(end=None)
    first, second = await yard.background(place), await yard.background(place)
    with pytest.raises(ToolError, match="still runs"):
        await process(yard, place, "clear", sessionId=first.id)
    killed = await process(yard, place, "kill", sessionId=first.id)
    assert (killed.text, killed.details["status"]) == (f"Killed session {first.id}.", "killed")
    with pytest.raises(ToolError, match="has ended already"):
        await process(yard, place, "kill", sessionId=first.id)
    assert (await process(yard, place, "clear", sessionId=first.id)).text == f"Cleared session {first.id}."
    removed = await process(yard, place, "remove", sessionId=second.id)
    assert removed.text == f"Removed session {second.id} (it was stopped)."
    assert second.over.is_set()
    with pytest.raises(ToolError, match=f"No session found for {second.id}"):
        await process(yard, place, "poll", sessionId=second.id)


@pytest.mark.parametrize(
    ("action", "arguments", "message"),
    [
        ("poll", {}, "sessionId is required for poll"),
        ("log", {"sessionId": "no-such"}, "No session found for no-such"),
        ("send-keys", {"sessionId": "{id}"}, "No key data provided"),
        ("paste", {"sessionId": "{id}"}, "No paste text provided"),
    ],
)
async def test_what_is_missing_is_said(yard: Yard, action: str, arguments: dict[str, str], message: str) -> None:
    place = ScriptedPlace(end=None)
    running = await yard.background(place, pty=True)
    filled = {key: value.format(id=running.id) for key, value in arguments.items()}
    with pytest.raises(ToolError, match=message):
        await process(yard, place, action, **filled)


async def test_an_action_that_there_is_not(yard: Yard) -> None:
    with pytest.raises(BadArguments, match="action"):
        await process(yard, ScriptedPlace(), "restart")


async def test_a_log_is_paged(yard: Yard) -> None:
    place = ScriptedPlace(b"one\ntwo\nthree\n")
    running = await yard.ended(place)
    assert (await process(yard, place, "log", sessionId=running.id, offset=1, limit=1)).text.startswith(
        "two\n\n[lines 1-1"
    )
