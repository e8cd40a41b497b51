"""One command: what is kept of its output, how it is called, what state it is in."""

from __future__ import annotations

import asyncio

from clawfleet.sandbox.place import Exit
from clawfleet.tools.runtime import running as module
from clawfleet.tools.runtime.running import Pending, within
from tests.unit.tools.runtime.conftest import Yard
from tests.unit.tools.runtime.scripted_place import ScriptedPlace


def test_news_are_told_once() -> None:
    pending = Pending()
    pending.add("one ")
    pending.add("two")
    assert pending.take() == ("one two", False)
    assert pending.take() == ("", False)


def test_too_many_news_are_their_end() -> None:
    """And it is said that something was left out."""
    pending = Pending()
    pending.add("a" * module.PENDING)
    pending.add("bc")
    text, was_cut = pending.take()
    assert (len(text), text[-3:], was_cut) == (module.PENDING, "abc", True)
    pending.add("d")
    assert pending.take() == ("d", False)


async def test_states(yard: Yard) -> None:
    """Running, completed, failed by code or signal, killed."""
    open_end = await yard.background(ScriptedPlace(end=None))
    assert open_end.status == "running"
    open_end.stop()
    await open_end.over.wait()
    assert open_end.status == "killed"
    assert (await yard.ended(ScriptedPlace())).status == "completed"
    assert (await yard.ended(ScriptedPlace(end=Exit(1)))).status == "failed"
    assert (await yard.ended(ScriptedPlace(end=Exit(None, "SIGKILL")))).status == "failed"


async def test_a_name_is_two_words(yard: Yard) -> None:
    assert (await yard.ended(ScriptedPlace(), "npm run build --watch")).name == "npm run"
    assert (await yard.ended(ScriptedPlace(), "x" * 100)).name == "x" * 60


async def test_stopping_what_is_over_changes_nothing(yard: Yard) -> None:
    done = await yard.ended(ScriptedPlace())
    done.stop()
    assert done.status == "completed"


async def test_waiting_has_an_end() -> None:
    event = asyncio.Event()
    assert await within(event, 0) is False
    event.set()
    assert await within(event, None) is True
