"""The turn loop: answers, tools, steps on disk before the next begins."""

from pathlib import Path

from clawfleet.agents.events import ModelChosen, TextGrew, ToolEnded, ToolReported, ToolStarted
from clawfleet.agents.run import Outcome, TurnInput
from clawfleet.agents.turn import MAX_MODEL_CALLS
from clawfleet.core.errors import ToolError
from clawfleet.core.messages import Image, Message, ToolSpec
from clawfleet.sessions.sessions import Sessions
from clawfleet.tools.base import ToolResult
from tests.unit.agents.fakes import FakeTool, House, build, call, say

KEY = "agent:main:main"


async def ask(house: House, text: str = "hi", **more: object) -> Outcome:
    accepted = await house.runs.accept(TurnInput(KEY, "main", text, **more))  # type: ignore[arg-type]
    assert accepted.run is not None
    return await accepted.run.done


async def roles(house: House) -> list[tuple[str, str]]:
    page = await house.sessions.history(KEY, limit=100)
    return [(entry.message.role, entry.message.text) for entry in page.entries]


async def test_an_answer_streams_and_is_kept(sessions: Sessions, tmp_path: Path) -> None:
    house = build(sessions, tmp_path, [say("Hello there")])
    outcome = await ask(house)
    assert (outcome.text, outcome.stop_reason, outcome.usage.output) == ("Hello there", "stop", 2)
    assert [body.text for body in house.heard if isinstance(body, TextGrew)] == ["Hello", "Hello there"]
    assert await roles(house) == [("user", "hi"), ("assistant", "Hello there")]


async def test_the_model_sees_the_system_prompt_and_what_was_said_before(sessions: Sessions, tmp_path: Path) -> None:
    (tmp_path / "SOUL.md").write_text("Be kind.")
    house = build(sessions, tmp_path, [say("one"), say("two")])
    await ask(house, "first", extra_system="In French.")
    await ask(house, "second")
    assert [message.text for message in house.models.seen[1][1:]] == ["first", "one", "second"]
    assert "Be kind." in house.models.seen[0][0].text
    assert "In French." in house.models.seen[0][0].text
    assert "In French." not in house.models.seen[1][0].text


async def test_a_tool_runs_and_its_result_reaches_the_answer(sessions: Sessions, tmp_path: Path) -> None:
    tool = FakeTool("exec", lambda arguments: ToolResult(f"ran {arguments['command']}", details={"exitCode": 0}))
    steps = [call("exec", '{"command":"ls"}', before="Looking."), say("done")]
    house = build(sessions, tmp_path, steps, tools=[tool])
    outcome = await ask(house)
    assert (outcome.text, outcome.visible, outcome.tools_used) == ("done", "Looking.\n\ndone", ("exec",))
    assert house.models.seen[1][-1] == Message("tool", "ran ls", tool_call_id="c1", tool_name="exec")
    kinds = [type(body) for body in house.heard]
    assert kinds.index(ToolStarted) < kinds.index(ToolReported) < kinds.index(ToolEnded)
    assert [role for role, _ in await roles(house)] == ["user", "assistant", "tool", "assistant"]


async def test_the_call_is_on_disk_before_its_tool_runs(sessions: Sessions, tmp_path: Path) -> None:
    class Looking(FakeTool):
        async def run(self, context: object, arguments: object) -> ToolResult:
            page = await sessions.history(KEY, limit=10)
            return ToolResult(f"{len(page.entries)} entries, last calls {page.entries[-1].message.tool_calls[0].name}")

    house = build(sessions, tmp_path, [call("exec"), say("ok")], tools=[Looking("exec", lambda _: ToolResult(""))])
    await ask(house)
    assert (await roles(house))[2] == ("tool", "2 entries, last calls exec")


async def test_a_failing_tool_and_an_unknown_one_are_told_to_the_model(sessions: Sessions, tmp_path: Path) -> None:
    def fail(arguments: object) -> ToolResult:
        raise ToolError("no such file", hint="look first")

    house = build(
        sessions, tmp_path, [call("exec"), call("nope", call_id="c2"), say("ok")], tools=[FakeTool("exec", fail)]
    )
    outcome = await ask(house)
    assert outcome.tools_used == ()
    assert house.models.seen[1][-1].text == "no such file look first"
    assert house.models.seen[1][-1].is_error
    assert house.models.seen[2][-1].text == "Tool nope not found. Tools on offer: exec."


async def test_a_call_of_the_callers_own_tool_ends_the_turn(sessions: Sessions, tmp_path: Path) -> None:
    house = build(sessions, tmp_path, [call("weather", '{"city":"Bern"}', before="One moment.")])
    outcome = await ask(house, client_tools=(ToolSpec("weather", ""),))
    assert outcome.stop_reason == "toolUse"
    assert [item.arguments for item in outcome.client_calls] == ['{"city":"Bern"}']
    assert (await roles(house))[-1] == ("assistant", "One moment.")


async def test_a_callers_own_history_stands_in_for_the_transcript(sessions: Sessions, tmp_path: Path) -> None:
    house = build(sessions, tmp_path, [say("ok")])
    told = (Message("user", "a"), Message("assistant", "b"), Message("user", "c"))
    await ask(house, "c", context=told)
    assert house.models.seen[0][1:] == told


async def test_pictures_stay_away_from_a_model_that_cannot_see(sessions: Sessions, tmp_path: Path) -> None:
    house = build(sessions, tmp_path, [say("ok"), say("ok")])
    await ask(house, "look", images=(Image("image/png", "AA"),))
    assert house.models.seen[0][-1].images == ()
    house.models.input = ("text", "image")
    await ask(house, "again")
    assert house.models.seen[1][1].images == (Image("image/png", "AA"),)


async def test_a_model_that_never_stops_calling_is_stopped(sessions: Sessions, tmp_path: Path) -> None:
    tool = FakeTool("exec", lambda _: ToolResult("again"))
    steps = [call("exec", call_id=f"c{number}") for number in range(MAX_MODEL_CALLS + 1)]
    house = build(sessions, tmp_path, steps, tools=[tool])
    outcome = await ask(house)
    assert outcome.error is not None
    assert outcome.error.code == "TOO_MANY_STEPS"
    assert sum(isinstance(body, ModelChosen) for body in house.heard) == MAX_MODEL_CALLS
