"""A run counts its frames and stops once."""

import asyncio

from clawfleet.agents.events import RunEvent, Started, Status, ToolStarted
from clawfleet.agents.run import Run, TurnInput
from clawfleet.agents.words import Words
from clawfleet.sessions.model import Input, Session


def make(told: list[RunEvent]) -> Run:
    kept = Input("r", "r", "agent:main:main", "s", "main", "e", "hi", "accepted", 1)
    session = Session("agent:main:main", "s", "main", 1, 1)
    return Run(TurnInput("agent:main:main", "main", "hi"), kept, session, told.append)


def words(text: str) -> Words:
    made = Words()
    made.hear(text)
    return made


async def test_sequence_numbers_leave_room_for_every_frame() -> None:
    told: list[RunEvent] = []
    run = make(told)
    run.emit(Status("starting_model"))
    run.emit(ToolStarted("c", "exec", {}, 0))
    run.emit(Started(1))
    assert [event.seq for event in told] == [1, 2, 4]


async def test_what_was_said_is_one_paragraph_per_model_call() -> None:
    run = make([])
    run.spoken = [words("Let me look."), words(""), words("Done.")]
    assert run.text == "Done."
    assert run.visible == "Let me look.\n\nDone."


async def test_a_run_is_aborted_once_and_not_while_it_is_ending() -> None:
    run = make([])
    run.task = asyncio.ensure_future(asyncio.Event().wait())  # type: ignore[arg-type]
    run.begun = True
    assert run.abort("rpc")
    assert not run.abort("again")
    assert run.abort_reason == "rpc"
    await asyncio.wait({run.task})
    other = make([])
    other.task = asyncio.ensure_future(asyncio.sleep(0))
    other.ending = True
    assert not other.abort("rpc")
    await other.task


async def test_an_abort_before_the_first_step_is_only_remembered() -> None:
    run = make([])
    run.task = asyncio.ensure_future(asyncio.sleep(0))
    assert run.abort("rpc")
    await run.task
    assert not run.task.cancelled()
    assert run.abort_reason == "rpc"


async def test_words_of_a_call_that_is_kept_are_not_kept_again() -> None:
    run = make([])
    run.spoken = [words("Let me look."), words("I see")]
    run.kept = 1
    assert run.unkept == "I see"
