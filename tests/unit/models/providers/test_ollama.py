"""Ollama's own wire: what it is told, and what its lines mean."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from clawfleet.core.messages import Image, Message, Thought, ToolCall, ToolSpec, Usage
from clawfleet.models.providers.base import (
    Endpoint,
    Event,
    Finished,
    ReasoningDelta,
    Request,
    Sampling,
    TextDelta,
    ThoughtSealed,
    ToolCalled,
)
from clawfleet.models.providers.failures import BadReply, MalformedCall, Site, StreamCut
from clawfleet.models.providers.http import ErrorInStream
from clawfleet.models.providers.ollama import Decoder, encode, root_of

LOCAL = Endpoint("ollama", "http://127.0.0.1:11434", images=True, context_window=8192)
SITE = Site.of(LOCAL, "m")
CALL = ToolCall("c", "exec", '{"a":1}')
HELLO = (Message("user", "hello"),)
END = {"done": True, "done_reason": "stop", "prompt_eval_count": 5, "eval_count": 3}


def body(messages: tuple[Message, ...] = HELLO, endpoint: Endpoint = LOCAL, **sampling: Any) -> dict[str, Any]:
    return encode(Request("m", messages, (ToolSpec("exec", "Run"),), Sampling(**sampling)), endpoint)


def read(*lines: dict[str, Any]) -> list[Event]:
    decoder = Decoder(SITE)
    events = [event for line in lines for event in decoder.feed(json.dumps(line).encode())]
    return [*events, *decoder.close()]


@pytest.mark.parametrize("url", ["http://h:1", "http://h:1/", "http://h:1/v1", "http://h:1/v1/", "http://h:1/api"])
def test_the_root_is_found_whatever_is_written(url: str) -> None:
    assert root_of(url) == "http://h:1"


def test_a_conversation_with_tools_and_pictures() -> None:
    picture = Image("image/png", "AAAA")
    talk = (
        Message("system", "Be brief."),
        Message("user", "look", images=(picture,)),
        Message(
            "assistant", "", tool_calls=(ToolCall("c", "exec", '{"a":1}'),), thoughts=(Thought("ollama/m", "", "Hm."),)
        ),
        Message("tool", "", tool_call_id="c", tool_name="exec", images=(picture,)),
    )
    assert body(talk)["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "look", "images": ["AAAA"]},
        {
            "role": "assistant",
            "content": "",
            "thinking": "Hm.",
            "tool_calls": [{"function": {"name": "exec", "arguments": {"a": 1}}}],
        },
        {"role": "tool", "content": "(no output)", "tool_name": "exec", "images": ["AAAA"]},
    ]
    blind = body(talk, replace(LOCAL, images=False))["messages"]
    assert "images" not in blind[1] and "left out" in blind[1]["content"]


def test_options_say_how_large_the_context_is_and_what_the_caller_wants() -> None:
    assert body()["options"] == {"num_ctx": 8192}
    params = {"num_ctx": 4096, "num_gpu": 1, "keep_alive": "15m", "temperature": 0.1, "extra_body": {"raw": True}}
    found = body(endpoint=replace(LOCAL, params=params), temperature=0.5, max_tokens=7, stop=("END",), seed=3)
    assert found["options"] == {
        "num_ctx": 4096, "num_gpu": 1, "temperature": 0.5, "num_predict": 7, "stop": ["END"], "seed": 3,
    }  # fmt: skip
    assert (found["keep_alive"], found["raw"]) == ("15m", True)
    assert body(endpoint=replace(LOCAL, params={"num_ctx": 0}))["options"] == {"num_ctx": 8192}


def test_tools_are_left_out_where_none_may_be_called() -> None:
    assert body()["tools"][0]["function"]["name"] == "exec"
    assert "tools" not in body(tool_choice="none")
    assert "tools" not in body(endpoint=replace(LOCAL, compat={"supportsTools": False}))


def test_thinking_is_a_switch_and_for_some_models_a_level() -> None:
    deep = replace(LOCAL, reasoning=True)
    assert "think" not in body(reasoning_effort="high")
    assert body(endpoint=deep)["think"] is True
    assert body(endpoint=deep, reasoning_effort="off")["think"] is False
    request = Request("gpt-oss:20b", HELLO, (), Sampling(reasoning_effort="max"))
    assert encode(request, deep)["think"] == "high"
    assert body(endpoint=replace(deep, levels={"max": "max"}), reasoning_effort="max")["think"] == "max"


def test_answers_in_json() -> None:
    schema = {"type": "object"}
    assert body(response_format={"type": "json_object"})["format"] == "json"
    assert body(response_format={"type": "json_schema", "json_schema": {"schema": schema}})["format"] == schema


def test_text_reasoning_and_counts() -> None:
    assert read(
        {"message": {"role": "assistant", "content": "", "thinking": "Hm."}, "done": False},
        {"message": {"role": "assistant", "content": "Hi"}, "done": False},
        {"message": {"role": "assistant", "content": ""}, **END},
    ) == [ReasoningDelta("Hm."), TextDelta("Hi"), Finished("stop", Usage(5, 3))]


def test_calls_carry_what_was_thought_before_them() -> None:
    call = {"function": {"name": "exec", "arguments": {"command": "ls"}}}
    events = read(
        {"message": {"content": "", "thinking": "Hm."}, "done": False},
        {"message": {"content": "", "tool_calls": [call, call]}, "done": False},
        END,
    )
    assert events[1] == ThoughtSealed(Thought("ollama/m", "", "Hm."))
    calls = [event.call for event in events if isinstance(event, ToolCalled)]
    assert [json.loads(each.arguments) for each in calls] == [{"command": "ls"}] * 2
    assert calls[0].id != calls[1].id
    assert events[-1] == Finished("toolUse", Usage(5, 3))


def test_what_is_wrong_is_told() -> None:
    with pytest.raises(StreamCut):
        read({"message": {"content": "Hi"}, "done": False})
    with pytest.raises(BadReply, match="done_reason: strange"):
        read({**END, "done_reason": "strange"})
    with pytest.raises(ErrorInStream, match="error object"):
        read({"error": "the runner has terminated"})
    with pytest.raises(MalformedCall):
        read({"message": {"content": "", "tool_calls": [{"function": {"name": "exec", "arguments": "ls"}}]}}, END)
    assert read({**END, "done_reason": "length"})[-1] == Finished("length", Usage(5, 3))
