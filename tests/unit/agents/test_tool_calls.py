"""The calls of one answer: in order, looking ones side by side, a result for each."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from clawfleet.agents.context import Setting
from clawfleet.agents.events import LoopNoticed
from clawfleet.agents.run import TurnInput
from clawfleet.agents.tool_calls import AT_ONCE, groups
from clawfleet.config.models.loop_detection import LoopDetection
from clawfleet.core.messages import Image, ToolCall, ToolSpec, Usage
from clawfleet.models.client import ANYBODY
from clawfleet.models.providers.base import Finished, Sampling, ToolCalled
from clawfleet.models.refs import ModelRef
from clawfleet.sessions.sessions import Sessions
from clawfleet.tools.base import ToolContext, ToolResult
from clawfleet.tools.loops import STOPPED, Loops
from tests.unit.agents.fakes import FakeTool, House, build, call, say

KEY = "agent:main:main"
WATCHED = LoopDetection(enabled=True)


async def ask(house: House) -> None:
    run = (await house.runs.accept(TurnInput(KEY, "main", "hi"))).run
    assert run is not None
    async with asyncio.timeout(30):
        await run.done


def calls(*names: str) -> list[ToolCalled | Finished]:
    return [
        *(ToolCalled(ToolCall(f"c{at}", name, "{}")) for at, name in enumerate(names)),
        Finished("toolUse", Usage()),
    ]


def nothing(arguments: object) -> ToolResult:
    return ToolResult("")


def test_looking_calls_that_stand_together_may_run_at_once() -> None:
    tools = {name: FakeTool(name, nothing, only_looks=name == "look") for name in ("look", "change")}
    setting = Setting(ModelRef("fake", "one"), ANYBODY, tools, (), Path(), 1, Sampling(), Loops(LoopDetection()))

    def grouped(names: str) -> list[list[int]]:
        words = {"l": "look", "c": "change", "u": "unknown"}
        return list(groups([ToolCall(str(at), words[name], "{}") for at, name in enumerate(names)], setting))

    assert grouped("llcluccl") == [[0, 1], [2], [3], [4], [5], [6], [7]]
    assert [len(group) for group in grouped("l" * (AT_ONCE + 1))] == [AT_ONCE, 1]
    assert grouped("") == []


async def test_looking_calls_run_at_once_and_changing_ones_wait(sessions: Sessions, tmp_path: Path) -> None:
    """Two that look can only end when both have begun; what changes begins when they are over."""
    both, inside, order = asyncio.Event(), list[str](), list[str]()

    class Look(FakeTool):
        async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
            inside.append(context.tool_call_id)
            if len(inside) == 2:
                both.set()
            await both.wait()
            order.append(context.tool_call_id)
            return ToolResult(context.tool_call_id)

    def change(arguments: object) -> ToolResult:
        order.append("change")
        return ToolResult("changed")

    tools = [Look("look", nothing, only_looks=True), FakeTool("change", change)]
    house = build(sessions, tmp_path, [calls("look", "look", "change"), say("ok")], tools=tools)
    await ask(house)
    assert (sorted(order[:2]), order[2]) == (["c0", "c1"], "change")
    assert [message.text for message in house.models.seen[1][-3:]] == ["c0", "c1", "changed"]


async def test_each_result_is_on_disk_before_the_next_call_begins(sessions: Sessions, tmp_path: Path) -> None:
    seen: list[int] = []

    class Count(FakeTool):
        async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
            seen.append((await sessions.history(KEY, limit=10)).total)
            return ToolResult("ok")

    house = build(sessions, tmp_path, [calls("count", "count"), say("ok")], tools=[Count("count", nothing)])
    await ask(house)
    assert seen == [2, 3]


async def test_a_tool_that_breaks_is_told_to_the_model_and_logged(
    sessions: Sessions, tmp_path: Path, caplog: object
) -> None:
    def broken(arguments: object) -> ToolResult:
        raise ZeroDivisionError("secret detail")

    house = build(sessions, tmp_path, [call("exec"), say("sorry")], tools=[FakeTool("exec", broken)])
    await ask(house)
    told = house.models.seen[1][-1]
    assert (told.is_error, "failed inside the gateway" in told.text, "secret" in told.text) == (True, True, False)


async def test_a_picture_in_a_result_reaches_a_model_that_sees(sessions: Sessions, tmp_path: Path) -> None:
    def look(arguments: object) -> ToolResult:
        return ToolResult("a tree", images=(Image("image/png", "AA"),))

    house = build(sessions, tmp_path, [call("view"), say("ok"), say("again")], tools=[FakeTool("view", look)])
    house.models.input = ("text", "image")
    await ask(house)
    assert house.models.seen[1][-1].images == (Image("image/png", "AA"),)
    house.models.input = ("text",)
    await ask(house)
    assert "image omitted" in house.models.seen[2][3].text


def test_a_tool_spec_says_nothing_of_looking_to_a_model() -> None:
    assert ToolSpec("read", "", {}, only_looks=True).parameters == {}


async def test_a_loop_is_warned_of_blocked_and_ended_with_an_answer(sessions: Sessions, tmp_path: Path) -> None:
    """24 identical calls: a note at the 10th, the 21st does not run, the run ends with words instead of an error."""
    ran: list[int] = []

    def work(arguments: object) -> ToolResult:
        ran.append(1)
        return ToolResult("same")

    steps = [call("ls", call_id=f"c{number}") for number in range(1, 25)]
    house = build(sessions, tmp_path, [*steps, say("never")], tools=[FakeTool("ls", work)], loops=WATCHED)
    run = (await house.runs.accept(TurnInput(KEY, "main", "hi"))).run
    assert run is not None
    outcome = await run.outcome()
    assert (outcome.error, outcome.stop_reason, outcome.text) == (None, "stop", STOPPED)
    assert len(ran) == 20 and len(house.models.seen) == 22
    results = [message.text for message in house.models.seen[-1] if message.role == "tool"]
    assert ["Tool-loop warning after 10" in text for text in results] == [number == 9 for number in range(21)]
    assert results[20].startswith("CRITICAL: Called ls with identical outcomes 20 times.")
    levels = [(each.level, each.count) for each in house.heard if isinstance(each, LoopNoticed)]
    assert levels == [("warning", 10), ("warning", 20), ("critical", 20), ("critical", 20)]


async def test_a_tool_that_there_is_not_is_told_so_until_it_is_enough(sessions: Sessions, tmp_path: Path) -> None:
    steps = [call("nosuch", call_id=f"c{number}") for number in range(13)]
    house = build(sessions, tmp_path, steps, loops=WATCHED)
    await ask(house)
    results = [message.text for message in house.models.seen[-1] if message.role == "tool"]
    assert results[0] == "Tool nosuch not found. Tools on offer: none."
    assert results[10].startswith("CRITICAL: Tool nosuch was called 10 times and does not exist.")
