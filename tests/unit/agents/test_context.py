"""A turn shows what fits: workspace files as configured, old talk as a summary, long results trimmed."""

import asyncio
from pathlib import Path
from typing import Any

from clawfleet.agents.context import Talk
from clawfleet.agents.events import Compacting
from clawfleet.agents.history import SUMMARY_HEAD
from clawfleet.agents.run import Outcome, TurnInput
from clawfleet.config.models.agents import Agents
from clawfleet.core.messages import Message
from clawfleet.models.providers.failures import ContextOverflow, Site
from clawfleet.sessions.sessions import Sessions
from clawfleet.tools.base import ToolResult
from tests.unit.agents.fakes import FakeTool, House, build, call, say

KEY = "agent:main:main"


async def ask(house: House, text: str, **more: Any) -> Outcome:
    run = (await house.runs.accept(TurnInput(KEY, "main", text, **more))).run
    assert run is not None
    async with asyncio.timeout(30):
        return await run.done


def overflow() -> ContextOverflow:
    return ContextOverflow("too long", Site("fake", "one", "http://fake"))


def test_a_talk_shows_its_turn_whole_and_knows_when_it_is_too_long() -> None:
    talk = Talk(Message("system", "s"), (Message("user", "x" * 700),), (Message("user", "q"),), 100, sees=False)
    assert talk.is_too_long
    assert [message.text for message in talk.shown()] == ["s", "q"]
    talk.add(Message("assistant", "a"))
    assert [message.text for message in talk.shown()] == ["s", "q", "a"]


async def test_workspace_files_are_shown_as_configured(sessions: Sessions, tmp_path: Path) -> None:
    (tmp_path / "AGENTS.md").write_text("rules " * 10)
    short = Agents.model_validate({"defaults": {"bootstrapMaxChars": 11}})
    house = build(sessions, tmp_path, [say("one")], agents=short)
    await ask(house, "first")
    assert f"## {tmp_path}/AGENTS.md\nrules rules\n[cut here: 11 of 59 characters]" in house.models.seen[0][0].text


async def test_files_may_stay_away_from_later_turns_or_from_all(sessions: Sessions, tmp_path: Path) -> None:
    (tmp_path / "AGENTS.md").write_text("the rules")
    first_only = Agents.model_validate({"defaults": {"contextInjection": "continuation-skip"}})
    house = build(sessions, tmp_path, [say("one"), say("two")], agents=first_only)
    await ask(house, "first")
    await ask(house, "second")
    assert ["the rules" in seen[0].text for seen in house.models.seen] == [True, False]
    own = {"defaults": {}, "entries": {"main": {"contextInjection": "never"}}}
    never = build(sessions, tmp_path, [say("three")], agents=Agents.model_validate(own))
    await ask(never, "third")
    assert "the rules" not in never.models.seen[0][0].text


async def test_a_conversation_that_outgrew_its_window_is_summed_up_before_the_turn(
    sessions: Sessions, tmp_path: Path
) -> None:
    house = build(sessions, tmp_path, [say("one"), say("all of it in short"), say("two")])
    await ask(house, "x" * 6_000)
    house.models.context_window = 2_000
    assert (await ask(house, "second")).text == "two"
    shown = [message.text for message in house.models.seen[2][1:]]
    assert shown == [f"{SUMMARY_HEAD}\n\nall of it in short", "second"]
    assert [body for body in house.heard if isinstance(body, Compacting)] == [
        Compacting("start"),
        Compacting("end", done=True),
    ]


async def test_little_talk_is_not_summed_up_though_the_prompt_fills_the_window(
    sessions: Sessions, tmp_path: Path
) -> None:
    """No turn pays for a summary that makes no room."""
    (tmp_path / "AGENTS.md").write_text("rules " * 2_000)
    house = build(sessions, tmp_path, [say("one"), say("two")])
    house.models.context_window = 3_000
    await ask(house, "first")
    assert (await ask(house, "second")).text == "two"
    assert not any(isinstance(body, Compacting) for body in house.heard)


async def test_without_a_summary_the_turn_goes_on_with_what_fits(sessions: Sessions, tmp_path: Path) -> None:
    house = build(sessions, tmp_path, [say("one"), [overflow()], say("two")])
    await ask(house, "x" * 6_000)
    house.models.context_window = 2_000
    assert (await ask(house, "second")).text == "two"
    assert [message.text for message in house.models.seen[2][1:]] == ["one", "second"]


async def test_summing_up_by_itself_can_be_switched_off(sessions: Sessions, tmp_path: Path) -> None:
    off = Agents.model_validate({"defaults": {"compaction": {"enabled": False}}})
    house = build(sessions, tmp_path, [say("one"), say("two")], agents=off)
    await ask(house, "x" * 6_000)
    house.models.context_window = 2_000
    assert (await ask(house, "second")).text == "two"


async def test_a_refusal_as_too_long_is_answered_with_a_summary(sessions: Sessions, tmp_path: Path) -> None:
    house = build(sessions, tmp_path, [say("one"), [overflow()], say("in short"), say("two")])
    await ask(house, "first")
    assert (await ask(house, "second")).text == "two"
    assert [message.text for message in house.models.seen[3][1:]] == [f"{SUMMARY_HEAD}\n\nin short", "second"]


async def test_a_turn_that_is_too_long_by_itself_is_shortened_and_at_last_given_up(
    sessions: Sessions, tmp_path: Path
) -> None:
    """Two steps with long results: the first one's is trimmed; a provider that still refuses is believed."""
    tool = FakeTool("exec", lambda arguments: ToolResult("z" * 9_000))
    steps = [call("exec"), call("exec", call_id="c2"), [overflow()], say("done")]
    house = build(sessions, tmp_path, steps, tools=[tool])
    assert (await ask(house, "go")).text == "done"
    first, second = (len(message.text) for message in house.models.seen[3] if message.role == "tool")
    assert (first < 4_000, second) == (True, 9_000)
    stubborn = build(sessions, tmp_path, [[overflow()], say("short"), [overflow()], [overflow()]])
    outcome = await ask(stubborn, "again")
    assert outcome.error is not None
    assert outcome.error.code == "PROVIDER_CONTEXT_OVERFLOW"


async def test_a_callers_own_history_is_never_summed_up(sessions: Sessions, tmp_path: Path) -> None:
    house = build(sessions, tmp_path, [[overflow()], say("ok")])
    told = (Message("user", "a" * 1200), Message("assistant", "b" * 700), Message("user", "c"))
    assert (await ask(house, "c", context=told)).text == "ok"
    assert [message.text[:1] for message in house.models.seen[1][1:]] == ["b", "c"]
