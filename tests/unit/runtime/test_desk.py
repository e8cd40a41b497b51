"""The gateway as its tools see it: a real store, real runs, a scripted model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from clawfleet.agents.run import TurnInput
from clawfleet.channels.replies import Delivery
from clawfleet.channels.supervisor import Supervisor
from clawfleet.core.errors import ProviderError, RequestError, ToolError
from clawfleet.core.messages import Image
from clawfleet.runtime.desk import MOST_HOPS, RuntimeDesk
from clawfleet.sessions.lifecycle import NewSession
from clawfleet.tools.desk import Chat, Errand, Letter, Route
from clawfleet.tools.failures import ToolDenied
from tests.unit.agents.fakes import Step, say
from tests.unit.channels.fake_channel import FakeChannel, Waits, account
from tests.unit.rpc.house import House, open_house

AGENTS = {
    "models": {"providers": {"fake": {"baseUrl": "http://127.0.0.1:9/v1", "models": [{"id": "one"}, {"id": "two"}]}}},
    "agents": {"defaults": {"model": "fake/one"}, "entries": {"main": {}, "ops": {"name": "Ops", "model": "fake/two"}}},
}
MAIN, OPS = "agent:main:main", "agent:ops:main"


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path, AGENTS, steps=[]) as open_one:
        yield open_one


def desk_of(house: House, *steps: Step, channel: FakeChannel | None = None) -> RuntimeDesk:
    """A desk of the house; its model plays `steps`, its one account is `channel`."""
    house.gateway.models.script.steps[:] = steps  # type: ignore[attr-defined]
    accounts = (account(), account("bare", configured=False)) if channel else ()
    supervisor = Supervisor(accounts, open_adapter=lambda _: channel or FakeChannel(), pace=Waits().pace)
    return RuntimeDesk(house.gateway.live, house.gateway.sessions, house.gateway.runs, supervisor)


def errand(wait_s: float = 5, *, run: str = "run-0", by: str = MAIN, to: str = OPS) -> Errand:
    return Errand(by, run, to, to.split(":")[1], "hello", wait_s)


async def test_an_errand_brings_the_answer_home(house: House) -> None:
    heard = await desk_of(house, say("good day")).ask(errand())
    assert (heard.status, heard.text) == ("ok", "good day")
    entries = (await house.gateway.sessions.history(OPS, limit=5)).entries
    assert [entry.message.text for entry in entries] == ["hello", "good day"]


async def test_every_other_end_is_told(house: House) -> None:
    """A failure, silence, and a run that was stopped."""
    desk = desk_of(house, [ProviderError("no key", hint="set one")], say(""), [asyncio.Event()])
    assert (await desk.ask(errand())).text == "no key (set one)"
    assert (await desk.ask(errand())).status == "no_reply"
    asking = asyncio.ensure_future(desk.ask(errand()))
    await until(lambda: desk.is_running(OPS))
    await asyncio.sleep(0)
    house.gateway.runs.abort(session_key=OPS)
    heard = await asking
    assert (heard.status, heard.text) == ("error", "the run was stopped")


async def until(condition: object) -> None:
    async with asyncio.timeout(30):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0)


async def test_who_does_not_wait_goes_on_at_once(house: House) -> None:
    """And who waited long enough leaves the other at its work."""
    gate = asyncio.Event()
    desk = desk_of(house, [gate, *say("late")], say("later"))
    assert (await desk.ask(errand(0.01))).status == "timeout"
    assert (await desk.ask(errand(0))).status == "accepted"
    gate.set()
    await house.settled()
    entries = (await house.gateway.sessions.history(OPS, limit=9)).entries
    assert [entry.message.text for entry in entries if entry.message.role == "assistant"] == ["late", "later"]


async def test_sessions_that_wait_for_each_other_are_told_to_answer(house: House) -> None:
    """A waits for B: B does not wait for A, but may leave a message."""
    gate = asyncio.Event()
    desk = desk_of(house, [gate, *say("b")], say("a"))
    waiting = asyncio.ensure_future(desk.ask(errand()))
    await until(lambda: desk.is_running(OPS))
    with pytest.raises(ToolDenied, match="answer instead of asking back"):
        await desk.ask(errand(by=OPS, to=MAIN))
    assert (await desk.ask(errand(0, by=OPS, to=MAIN))).status == "accepted"
    gate.set()
    assert (await waiting).text in ("a", "b")
    await house.settled()


async def test_a_chain_of_sessions_has_an_end(house: House) -> None:
    gate = asyncio.Event()
    desk = desk_of(house, *([gate, *say("x")] for _ in range(MOST_HOPS)))
    run = "run-0"
    for number in range(MOST_HOPS):
        run = (await desk.ask(errand(0, run=run, to=f"agent:ops:{number}"))).run_id
    with pytest.raises(ToolDenied, match="in a row"):
        await desk.ask(errand(0, run=run, to="agent:ops:last"))
    gate.set()
    await house.settled()
    assert desk._hops == {}


async def test_texts_go_out_through_accounts_that_are_set_up(house: House) -> None:
    channel = FakeChannel()
    desk = desk_of(house, channel=channel)
    assert desk.routes() == (Route("telegram", "default"),)
    (message_id,) = await desk.send(Letter(desk.routes()[0], "42", "hi", "7", "9"))
    (sent,) = channel.sent
    assert (sent.chat_id, sent.text, sent.thread_id, sent.reply_to) == ("42", "hi", "7", "9")
    assert message_id


async def test_a_run_knows_the_chat_that_it_answers_to(house: House) -> None:
    gate = asyncio.Event()
    desk = desk_of(house, [gate, *say("x")])
    delivery = Delivery("telegram", "default", "42", "7", "9").encode()
    asked = TurnInput(MAIN, "main", "hi", run_id="run-7", delivery=delivery)
    await house.gateway.runs.accept(asked)
    assert desk.chat_of("run-7") == Chat(Route("telegram", "default"), "42", "7")
    assert desk.chat_of("other") is None
    house.gateway.runs.abort(session_key=MAIN)
    await house.settled()
    gate.set()


async def test_waking_starts_a_turn_that_reads_the_note(house: House) -> None:
    """Also while a turn runs, which has read its notes: once, however many come before the next turn begins."""
    gate = asyncio.Event()
    desk = desk_of(house, [gate, *say("x")], say("y"))
    await desk.wake("main", "first")
    await until(lambda: house.gateway.runs.live(MAIN)[0].started_at_ms)
    await desk.wake(MAIN, "second")
    await desk.wake("main", "third")
    running, next_one = house.gateway.runs.live(MAIN)
    gate.set()
    await house.settled()
    assert [line.rpartition("] ")[2] for line in str(running.notes).splitlines()[1:]] == ["first"]
    assert [line.rpartition("] ")[2] for line in str(next_one.notes).splitlines()[1:]] == ["second", "third"]
    entries = (await house.gateway.sessions.history(MAIN, limit=9)).entries
    assert [entry.message.text for entry in entries if entry.message.role == "assistant"] == ["x", "y"]


async def test_the_roster_and_the_models_are_those_of_the_moment(house: House) -> None:
    desk = desk_of(house)
    assert [(each.id, each.name, each.model, each.is_default) for each in desk.agents()] == [
        ("main", None, "fake/one", True),
        ("ops", "Ops", "fake/two", False),
    ]
    assert desk.locate("notes", "ops") == ("agent:ops:notes", "ops")
    with pytest.raises(RequestError):
        desk.locate("main", "nobody")


PICTURE = (Image("image/png", "cGljdHVyZQ=="),)
SEEING = {
    "models": {
        "providers": {
            "fake": {
                "baseUrl": "http://127.0.0.1:9/v1",
                "models": [{"id": "one"}, {"id": "eyes", "input": ["text", "image"]}],
            }
        }
    },
    "agents": {"defaults": {"model": "fake/one"}, "entries": {"main": {"imageModel": "fake/eyes"}, "ops": {}}},
}


async def test_pictures_are_seen_or_described(tmp_path: Path) -> None:
    """By the model itself, by the agent's model for pictures, or by nobody."""
    async with open_house(tmp_path, SEEING, steps=[]) as house:
        desk = desk_of(house, say("a cat"))
        assert desk.eyes("fake/eyes", "main") == desk.eyes(None, "ops") == "own"
        assert desk.eyes("fake/one", "main") == "other"
        assert desk.eyes("fake/one", "ops") is None
        assert await desk.describe("main", "what is it?", PICTURE, None) == "a cat"
        script = house.gateway.models.script  # type: ignore[attr-defined]
        assert (str(script.asked[0][0]), script.seen[0][0].images) == ("fake/eyes", PICTURE)
        with pytest.raises(ToolError, match="No model that sees"):
            await desk.describe("ops", "what is it?", PICTURE, None)


async def test_another_model_is_chosen_and_shown(house: House) -> None:
    desk = desk_of(house)
    session, _ = await desk.sessions.create(NewSession(MAIN, "main"))
    assert await desk.choose_model(session, "fake/two") == "fake/two"
    session = await desk.sessions.find(MAIN) or session
    assert "Model: fake/two (chosen for this session)" in await desk.status(session)
    assert await desk.choose_model(session, None) == "fake/one"
    with pytest.raises(RequestError):
        await desk.choose_model(session, "no-such-model")
