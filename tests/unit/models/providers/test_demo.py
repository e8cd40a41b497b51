"""The demo model streams, explains itself once, repeats what it hears and calls tools when told to."""

from __future__ import annotations

import json
import time

import pytest

from clawfleet.core.messages import Message, ToolCall, ToolSpec
from clawfleet.models.providers.base import Endpoint, Event, Finished, Request, TextDelta, ToolCalled
from clawfleet.models.providers.demo import INTRODUCTION, DemoEcho, reply_to

EXEC = ToolSpec(
    "exec",
    "Run a command",
    {"type": "object", "properties": {"cwd": {}, "command": {}}, "required": ["command"]},
)
FAST = Endpoint("demo", "", compat={"wordDelayMs": 0})


async def answer(*messages: Message, tools: tuple[ToolSpec, ...] = (), endpoint: Endpoint = FAST) -> list[Event]:
    return [event async for event in DemoEcho(endpoint).stream(Request("echo", messages, tools))]


async def test_the_first_answer_explains_and_repeats_word_by_word() -> None:
    events = await answer(Message("system", "be brief"), Message("user", "hello  there,\n世界"))
    words = [event.text for event in events if isinstance(event, TextDelta)]
    assert "".join(words) == f"{INTRODUCTION}You said: hello  there,\n世界"
    assert len(words) > 20
    assert isinstance(events[-1], Finished)
    assert events[-1].stop_reason == "stop"
    assert (events[-1].usage.input, events[-1].usage.output) == (5, len(words))


def test_the_introduction_names_the_demo_and_the_way_out() -> None:
    assert "demo/echo" in INTRODUCTION
    assert "OPENAI_API_KEY" in INTRODUCTION
    assert "models.providers" in INTRODUCTION


def test_later_answers_are_short() -> None:
    said = (Message("user", "one"), Message("assistant", "x"), Message("user", "[Sat 2026-11-21 04:28 UTC] two"))
    assert reply_to(said, ()) == "You said: two"


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("call exec: ls -la", {"command": "ls -la"}),
        ("[Sat 2026-11-21 04:28 UTC] Call exec: ls -la", {"command": "ls -la"}),
        ("call exec: printf 'a\nb'", {"command": "printf 'a\nb'"}),
        ('call exec: {"command": "ls", "cwd": "/"}', {"command": "ls", "cwd": "/"}),
        ('/tool exec {"command": "ls"}', {"command": "ls"}),
        ("/tool exec", {}),
    ],
)
async def test_it_calls_a_tool_when_told_to(text: str, arguments: dict[str, str]) -> None:
    events = await answer(Message("user", text), tools=(EXEC,))
    assert isinstance(events[0], ToolCalled)
    assert events[0].call.name == "exec"
    assert json.loads(events[0].call.arguments) == arguments
    assert isinstance(events[1], Finished)
    assert events[1].stop_reason == "toolUse"


def test_a_tool_without_required_arguments_gets_its_first_one() -> None:
    call = reply_to([Message("user", "call read: x")], [ToolSpec("read", "", {"properties": {"path": {}}})])
    assert isinstance(call, ToolCall)
    assert json.loads(call.arguments) == {"path": "x"}
    bare = reply_to([Message("user", "call read: x")], [ToolSpec("read", "")])
    assert isinstance(bare, ToolCall)
    assert json.loads(bare.arguments) == {"input": "x"}


def test_a_tool_that_is_not_on_offer_is_said_so() -> None:
    said = reply_to([Message("user", "call rm: x")], [EXEC])
    assert said == "I cannot call rm: it is not on offer here. On offer: exec."
    assert reply_to([Message("user", "call exec: ls")], ()) == (
        "I cannot call exec: it is not on offer here. On offer: none."
    )


def test_arguments_that_are_no_json_are_said_so() -> None:
    said = reply_to([Message("user", 'call exec: {"command":')], [EXEC])
    assert isinstance(said, str)
    assert said.startswith("I cannot call exec: these arguments are not JSON")


def test_it_answers_with_the_output_of_the_tools() -> None:
    said = reply_to(
        [
            Message("user", "call exec: ls"),
            Message("assistant", tool_calls=(ToolCall("a", "exec", "{}"), ToolCall("b", "exec", "{}"))),
            Message("tool", "file.txt", tool_call_id="a", tool_name="exec"),
            Message("tool", "", tool_call_id="b", tool_name="exec", is_error=True),
        ],
        [EXEC],
    )
    assert said == "exec answered:\nfile.txt\n\nexec failed:\n(no output)"


async def test_a_long_answer_is_not_slow() -> None:
    endpoint = Endpoint("demo", "", compat={"wordDelayMs": 1})
    begin = time.monotonic()
    await answer(Message("user", "word " * 20_000), endpoint=endpoint)
    assert time.monotonic() - begin < 10  # 1 ms a word would be 20 s and more


async def test_nothing_heard_is_repeated_as_nothing() -> None:
    assert reply_to([], ()) == f"{INTRODUCTION}You said: "
    assert isinstance((await answer())[-1], Finished)
