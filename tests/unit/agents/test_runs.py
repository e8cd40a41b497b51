"""Runs: accepted once, settled whatever happens, delivered until done, taken up again after a crash."""

import asyncio
from pathlib import Path

import pytest

from clawfleet.agents import runs as module
from clawfleet.agents.events import Ended, Failed
from clawfleet.agents.run import TurnInput
from clawfleet.agents.runs import Draining, reply_text
from clawfleet.core.errors import ChannelError, ProviderError
from clawfleet.models.providers.base import TextDelta
from clawfleet.sessions.sessions import Sessions
from tests.unit.agents.fakes import House, build, say

KEY = "agent:main:main"


def turn(name: str, **more: object) -> TurnInput:
    return TurnInput(KEY, "main", f"text of {name}", idempotency_key=name, run_id=name, **more)  # type: ignore[arg-type]


async def said(sessions: Sessions) -> list[str]:
    return [entry.message.text for entry in (await sessions.history(KEY, limit=100)).entries]


async def until(house: House, kind: type) -> None:
    async with asyncio.timeout(5):
        while not any(isinstance(body, kind) for body in house.heard):
            await asyncio.sleep(0)


async def test_a_repeated_message_joins_its_run_and_later_finds_it_over(sessions: Sessions, tmp_path: Path) -> None:
    gate = asyncio.Event()
    house = build(sessions, tmp_path, [[gate, *say("ok")]])
    first = await house.runs.accept(turn("a"))
    second = await house.runs.accept(turn("a"))
    assert second.run is first.run
    assert not second.fresh
    gate.set()
    assert first.run is not None
    await first.run.done
    third = await house.runs.accept(turn("a"))
    assert (third.run, third.input.state) == (None, "done")
    assert await said(sessions) == ["text of a", "ok"]


async def test_an_aborted_run_keeps_what_it_said_and_says_why(sessions: Sessions, tmp_path: Path) -> None:
    house = build(sessions, tmp_path, [[TextDelta("half a"), asyncio.Event()]])
    run = (await house.runs.accept(turn("a"))).run
    assert run is not None
    async with asyncio.timeout(5):
        while not run.text:
            await asyncio.sleep(0)
    assert house.runs.abort(session_key="agent:main:other") == ()
    assert house.runs.abort(session_key=KEY, run_id="a") == ("a",)
    outcome = await run.done
    assert (outcome.aborted, outcome.text) == ("rpc", "half a")
    assert await said(sessions) == ["text of a", "half a"]
    assert house.runs.live() == ()
    ended = next(body for body in house.heard if isinstance(body, Ended))
    assert (ended.aborted, ended.stop_reason) == (True, "rpc")


async def test_a_failure_is_typed_told_and_leaves_the_lane_free(sessions: Sessions, tmp_path: Path) -> None:
    error = ProviderError("the key was refused", hint="set OPENAI_API_KEY", reason="auth")
    house = build(sessions, tmp_path, [[error], [ValueError("a bug")], say("fine")])
    for name, text in (("a", "the key was refused (set OPENAI_API_KEY)"), ("b", "the turn failed inside the gateway")):
        run = (await house.runs.accept(turn(name))).run
        assert run is not None
        outcome = await run.done
        assert outcome.error is not None
        failed = [body for body in house.heard if isinstance(body, Failed)][-1]
        assert text in failed.message
        assert text in reply_text(outcome)
    run = (await house.runs.accept(turn("c"))).run
    assert run is not None
    assert (await run.done).text == "fine"
    assert await said(sessions) == ["text of a", "text of b", "text of c", "fine"]


async def test_a_turn_over_its_limit_is_stopped_and_says_which_key_raises_it(
    sessions: Sessions, tmp_path: Path
) -> None:
    house = build(sessions, tmp_path, [[asyncio.Event()]])
    run = (await house.runs.accept(turn("a", timeout_s=0.01))).run
    assert run is not None
    outcome = await run.done
    assert outcome.error is not None
    assert "agents.defaults.timeoutSeconds" in str(outcome.error.hint)


async def test_a_reply_is_delivered_until_the_channel_took_it(
    sessions: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY_FIRST_S", 0.0)
    tries: list[tuple[str, str]] = []
    took = asyncio.Event()

    async def deliver(delivery: str, text: str) -> None:
        tries.append((delivery, text))
        if len(tries) < 3:
            raise ChannelError("not now")
        took.set()

    house = build(sessions, tmp_path, [say("hello")], deliver=deliver)
    await house.runs.accept(turn("a", delivery='{"chat":"42"}'))
    async with asyncio.timeout(5):
        await took.wait()
    assert tries == [('{"chat":"42"}', "hello")] * 3
    assert await house.runs.drain(5)
    assert await sessions.unfinished() == ()


async def test_after_a_crash_channels_get_their_answers_and_watchers_a_clean_state(
    sessions: Sessions, tmp_path: Path
) -> None:
    dead = build(sessions, tmp_path, [[asyncio.Event()], [asyncio.Event()]])
    await dead.runs.accept(turn("watched"))
    await dead.runs.accept(
        TurnInput("agent:main:telegram:direct:42", "main", "hi", "tg:1", "from-channel", delivery="to-42")
    )
    sent: list[tuple[str, str]] = []
    took = asyncio.Event()

    async def deliver(delivery: str, text: str) -> None:
        sent.append((delivery, text))
        took.set()

    house = build(sessions, tmp_path, [say("answer"), say("second")], deliver=deliver)
    await house.runs.resume()
    async with asyncio.timeout(5):
        await took.wait()
    assert sent == [("to-42", "answer")]
    again = await house.runs.accept(turn("watched"))
    assert again.fresh
    assert again.run is not None
    await again.run.done
    assert await said(sessions) == ["text of watched", "second"]
    await house.runs.drain(5)
    await dead.runs.drain(0)


async def test_a_drain_takes_nothing_new_and_lets_turns_end(sessions: Sessions, tmp_path: Path) -> None:
    gate = asyncio.Event()
    house = build(sessions, tmp_path, [[gate, *say("made it")]])
    run = (await house.runs.accept(turn("a"))).run
    draining = asyncio.ensure_future(house.runs.drain(5))
    await asyncio.sleep(0)
    with pytest.raises(Draining):
        await house.runs.accept(turn("b"))
    gate.set()
    assert await draining
    assert run is not None
    assert (await run.done).text == "made it"


async def test_a_drain_stops_what_takes_too_long_and_a_channel_is_still_owed(
    sessions: Sessions, tmp_path: Path
) -> None:
    house = build(sessions, tmp_path, [[asyncio.Event()], [asyncio.Event()]])
    watched = (await house.runs.accept(turn("a"))).run
    await house.runs.accept(TurnInput("agent:main:x", "main", "hi", "tg:1", "owed", delivery="to-42"))
    assert not await house.runs.drain(0.01)
    assert watched is not None
    assert (await watched.done).aborted == "shutdown"
    assert [item.run_id for item in await sessions.unfinished()] == ["owed"]
