"""Runs: accepted once, settled whatever happens, delivered until done, taken up again after a crash."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from clawfleet.agents.endings import reply_text
from clawfleet.agents.events import Ended, Failed
from clawfleet.agents.failures import Draining
from clawfleet.agents.run import TurnInput
from clawfleet.core.errors import ProviderError
from clawfleet.core.messages import CUT_OFF, ToolCall, Usage
from clawfleet.core.requester import Requester
from clawfleet.models.providers.base import Finished, TextDelta, ToolCalled
from clawfleet.sessions.lifecycle import Patch
from clawfleet.sessions.sessions import Sessions
from clawfleet.tools.base import ToolContext, ToolResult
from tests.unit.agents.fakes import FakeTool, House, Step, build, call, hold_limit, say

KEY = "agent:main:main"


def turn(name: str, **more: object) -> TurnInput:
    return TurnInput(KEY, "main", f"text of {name}", idempotency_key=name, run_id=name, **more)  # type: ignore[arg-type]


async def said(sessions: Sessions) -> list[str]:
    return [entry.message.text for entry in (await sessions.history(KEY, limit=100)).entries]


async def until(house: House, kind: type) -> None:
    async with asyncio.timeout(30):
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
    async with asyncio.timeout(30):
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
        assert reply_text(outcome) == f"⚠️ {outcome.error.message}"
    run = (await house.runs.accept(turn("c"))).run
    assert run is not None
    assert (await run.done).text == "fine"
    assert await said(sessions) == ["text of a", "", "text of b", "", "text of c", "fine"]
    notes = [entry.note for entry in (await sessions.history(KEY, limit=10)).entries]
    assert notes[1] is not None
    assert (notes[1].stop_reason, notes[1].error) == ("error", "the key was refused (set OPENAI_API_KEY)")
    assert [message.text for message in house.models.seen[2][1:]] == ["text of a", "text of b", "text of c"]


async def test_a_turn_over_its_limit_is_stopped_and_says_which_key_raises_it(
    sessions: Sessions, tmp_path: Path
) -> None:
    house = build(sessions, tmp_path, [[asyncio.Event()]])
    run = (await house.runs.accept(turn("a", timeout_s=0.01))).run
    assert run is not None
    outcome = await run.done
    assert outcome.error is not None
    assert "agents.defaults.timeoutSeconds" in str(outcome.error.hint)


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
    async with asyncio.timeout(30):
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


async def test_a_run_that_is_stopped_before_its_first_step_ends_all_the_same(
    sessions: Sessions, tmp_path: Path
) -> None:
    house = build(sessions, tmp_path, [say("never")])
    run = (await house.runs.accept(turn("a"))).run
    assert run is not None
    assert house.runs.abort(session_key=KEY) == ("a",)
    assert (await asyncio.wait_for(run.done, 30)).aborted == "rpc"
    assert house.runs.live() == ()
    assert (await house.runs.accept(turn("a"))).input.state == "aborted"


async def test_a_message_whose_sender_hung_up_while_it_was_kept_is_answered(sessions: Sessions, tmp_path: Path) -> None:
    """What is on disk has a run, whether or not somebody heard the acknowledgement."""
    house = build(sessions, tmp_path, [say("hello")])
    sending = asyncio.ensure_future(house.runs.accept(turn("a")))
    await asyncio.sleep(0)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    again = await house.runs.accept(turn("a"))
    assert again.run is not None
    assert (await again.run.done).text == "hello"
    assert await said(sessions) == ["text of a", "hello"]


async def test_who_stops_waiting_for_a_run_does_not_stop_the_run(sessions: Sessions, tmp_path: Path) -> None:
    gate = asyncio.Event()
    house = build(sessions, tmp_path, [[gate, *say("hello")]])
    run = (await house.runs.accept(turn("a"))).run
    assert run is not None
    waiting = asyncio.ensure_future(run.outcome())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    gate.set()
    assert (await run.outcome()).text == "hello"


async def test_what_was_said_before_a_tool_call_is_kept_once_when_the_run_is_stopped_after_it(
    sessions: Sessions, tmp_path: Path
) -> None:
    house = build(
        sessions,
        tmp_path,
        [call("look", before="Let me look."), [TextDelta("I see"), asyncio.Event()]],
        tools=[FakeTool("look", lambda arguments: ToolResult("a tree"))],
    )
    run = (await house.runs.accept(turn("a"))).run
    assert run is not None
    async with asyncio.timeout(30):
        while run.text != "I see":
            await asyncio.sleep(0)
    house.runs.abort(session_key=KEY)
    outcome = await run.done
    assert outcome.text == "Let me look.\n\nI see"
    assert await said(sessions) == ["text of a", "Let me look.", "a tree", "I see"]


async def test_a_run_that_is_stopped_in_a_tool_says_nothing_twice(sessions: Sessions, tmp_path: Path) -> None:
    begun = asyncio.Event()

    class Endless(FakeTool):
        async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
            begun.set()
            await asyncio.Event().wait()
            raise AssertionError("never")

    tool = Endless("look", lambda arguments: ToolResult(""))
    house = build(sessions, tmp_path, [call("look", before="Let me look.")], tools=[tool])
    run = (await house.runs.accept(turn("a"))).run
    assert run is not None
    await asyncio.wait_for(begun.wait(), 30)
    house.runs.abort(session_key=KEY)
    await run.done
    assert await said(sessions) == ["text of a", "Let me look.", CUT_OFF]


async def test_a_turn_over_its_limit_stops_its_tool_and_leaves_no_orphan(
    sessions: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped, end_its_time = asyncio.Event(), hold_limit(monkeypatch, 29.0)

    class Endless(FakeTool):
        async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
            end_its_time()
            try:
                await asyncio.Event().wait()
            finally:
                stopped.set()
            raise AssertionError("never")

    house = build(sessions, tmp_path, [call("look")], tools=[Endless("look", lambda arguments: ToolResult(""))])
    run = (await house.runs.accept(turn("a", timeout_s=29.0))).run
    assert run is not None
    outcome = await run.done
    assert (stopped.is_set(), outcome.error and outcome.error.code) == (True, "TURN_TIMED_OUT")
    assert await said(sessions) == ["text of a", "", CUT_OFF, ""]


async def test_after_a_crash_in_a_tool_the_transcript_is_mended_and_the_session_goes_on(
    sessions: Sessions, tmp_path: Path
) -> None:
    """The next process reads what the dead one left: calls without results."""
    begun = asyncio.Event()

    class Endless(FakeTool):
        async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
            begun.set()
            await asyncio.Event().wait()
            raise AssertionError("never")

    tools = [Endless("look", lambda arguments: ToolResult("")), FakeTool("nod", lambda arguments: ToolResult("done"))]
    two: Step = [
        ToolCalled(ToolCall("c1", "nod", "{}")),
        ToolCalled(ToolCall("c2", "look", "{}")),
        Finished("toolUse", Usage()),
    ]
    dead = build(sessions, tmp_path, [two], tools=tools)
    await dead.runs.accept(turn("a"))
    await asyncio.wait_for(begun.wait(), 30)
    house = build(sessions, tmp_path, [say("fine")])
    await house.runs.resume()
    assert await said(sessions) == ["text of a", "", "done", CUT_OFF, ""]
    run = (await house.runs.accept(turn("b"))).run
    assert run is not None
    assert (await run.done).text == "fine"
    seen = [(message.role, message.tool_call_id, message.text) for message in house.models.seen[0][1:]]
    assert seen == [
        ("user", None, "text of a"), ("assistant", None, ""), ("tool", "c1", "done"), ("tool", "c2", CUT_OFF),
        ("user", None, "text of b"),
    ]  # fmt: skip
    await dead.runs.drain(0)


async def test_what_is_told_of_tools_follows_the_session_while_a_run_works(sessions: Sessions, tmp_path: Path) -> None:
    """Whoever types /verbose in the middle of a turn hears of its next tool; an order for one message stays."""
    house = build(sessions, tmp_path, [[asyncio.Event()]])
    ordered = Requester("telegram", orders={"verbose": "on"})
    works, waits = [(await house.runs.accept(turn(name))).run for name in ("works", "waits")]
    own = (await house.runs.accept(turn("own", requester=ordered))).run
    assert works is not None and waits is not None and own is not None
    assert (works.verbose, waits.verbose, own.verbose) == ("off", "off", "on")
    await sessions.patch(KEY, Patch(choices={"verbose": "full"}))
    assert (works.verbose, waits.verbose, own.verbose) == ("full", "full", "on")
    await sessions.patch(KEY, Patch(choices={"verbose": None}))
    assert works.verbose == "off"
    await house.runs.drain(0)
