"""Requests are written as OpenAI's responses want them, and the events of its answers are read."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
from clawfleet.models.providers.failures import AnswerRefused, BadReply, Site, StreamCut
from clawfleet.models.providers.http import ErrorInStream, Http
from clawfleet.models.providers.openai_responses import Decoder, OpenAIResponses, encode

LOCAL = Endpoint("lan", "http://127.0.0.1:8317/v1")
OPENAI = Endpoint("openai", "https://api.openai.com/v1", reasoning=True)
SITE = Site("lan", "m", "http://127.0.0.1:8317/v1")
HELLO = (Message("user", "hello"),)
PIXEL = Image("image/png", "iVBORw0KGgo=")
EXEC = ToolSpec("exec", "Run a command", {"type": "object", "properties": {"command": {"type": "string"}}})
CALL = ToolCall("call_1", "exec", '{"command":"ls"}')
DONE = {"type": "response.completed", "response": {"status": "completed"}}


def said(text: str, role: str = "user") -> dict[str, object]:
    return {"type": "message", "role": role, "content": [{"type": "input_text", "text": text}]}


def body_of(*messages: Message, endpoint: Endpoint = LOCAL, **more: Any) -> Any:
    return encode(Request("m", messages or HELLO, **more), endpoint)


def decode(*chunks: Mapping[str, object], end: Mapping[str, object] | None = DONE) -> list[Event]:
    decoder = Decoder(SITE)
    all_chunks = [*chunks, *([end] if end else [])]
    events = [event for chunk in all_chunks for event in decoder.feed(json.dumps(chunk).encode())]
    return events + decoder.close()


def delta(kind: str, text: str, index: int = 0) -> dict[str, object]:
    return {"type": f"response.{kind}.delta", "output_index": index, "delta": text}


def item(kind: str, index: int, **fields: object) -> dict[str, object]:
    return {"type": f"response.output_item.{kind}", "output_index": index, "item": fields}


class TestEncode:
    """What goes out."""

    def test_a_plain_request(self) -> None:
        assert body_of(Message("system", "be brief"), *HELLO) == {
            "model": "m",
            "input": [said("be brief", "system"), said("hello")],
            "stream": True,
            "store": False,
        }
        assert OpenAIResponses(replace(LOCAL, base_url="http://x/v1/"), Http)._url == "http://x/v1/responses"
        assert OpenAIResponses(replace(LOCAL, api_key="k"), Http)._auth == {"authorization": "Bearer k"}
        assert OpenAIResponses(LOCAL, Http)._auth == {}

    def test_openai_itself_takes_instructions_and_loose_schemas(self) -> None:
        body = body_of(Message("system", "a"), Message("system", "b"), *HELLO, endpoint=OPENAI, tools=(EXEC,))
        assert (body["instructions"], body["input"]) == ("a\n\nb", [said("hello")])
        assert body["tools"][0]["strict"] is False
        assert body["reasoning"] == {"effort": "medium", "summary": "auto"}
        assert body["include"] == ["reasoning.encrypted_content"]

    def test_a_model_that_reasons_hears_a_developer(self) -> None:
        deep = replace(LOCAL, reasoning=True)
        system = Message("system", "be brief")
        assert body_of(system, endpoint=deep)["input"][0]["role"] == "developer"
        deaf = replace(deep, compat={"supportsDeveloperRole": False})
        assert body_of(system, endpoint=deaf)["input"][0]["role"] == "system"

    def test_tools_and_choices(self) -> None:
        body = body_of(tools=(ToolSpec("read", "Read"), EXEC))
        assert [tool["name"] for tool in body["tools"]] == ["exec", "read"]
        assert body["tools"][0] == {
            "type": "function",
            "name": "exec",
            "description": "Run a command",
            "parameters": EXEC.parameters,
        }
        assert "tool_choice" not in body
        forced = Sampling(tool_choice={"type": "function", "function": {"name": "exec"}})
        assert body_of(tools=(EXEC,), sampling=forced)["tool_choice"] == {"type": "function", "name": "exec"}
        assert body_of(tools=(EXEC,), sampling=Sampling(tool_choice="none"))["tool_choice"] == "none"

    def test_what_an_endpoint_lacks_is_left_out(self) -> None:
        compat = {"supportsTools": False, "supportsStore": False, "supportsReasoningEffort": False}
        body = body_of(tools=(EXEC,), endpoint=replace(LOCAL, reasoning=True, compat=compat))
        assert body.keys() == {"model", "input", "stream"}

    def test_sampling(self) -> None:
        schema = {"name": "s", "schema": {"type": "object"}}
        sampling = Sampling(
            temperature=0.1,
            top_p=0.2,
            max_tokens=9,
            seed=1,
            response_format={"type": "json_schema", "json_schema": schema},
        )
        body = body_of(sampling=sampling)
        assert (body["temperature"], body["top_p"], body["max_output_tokens"]) == (0.1, 0.2, 9)
        assert body["text"] == {"format": {"type": "json_schema", **schema}}
        assert "seed" not in body
        assert "temperature" not in body_of(sampling=sampling, endpoint=OPENAI)
        plain = Sampling(response_format={"type": "json_object"})
        assert body_of(sampling=plain)["text"] == {"format": {"type": "json_object"}}

    @pytest.mark.parametrize(("level", "effort"), [("high", "high"), ("max", "xhigh"), ("off", None), ("none", None)])
    def test_levels(self, level: str, effort: str | None) -> None:
        found = body_of(endpoint=OPENAI, sampling=Sampling(reasoning_effort=level)).get("reasoning", {})
        assert found.get("effort") == effort

    def test_a_level_may_have_another_name(self) -> None:
        named = replace(OPENAI, compat={"reasoningEffortMap": {"off": "none"}})
        assert body_of(endpoint=named, sampling=Sampling(reasoning_effort="off"))["reasoning"]["effort"] == "none"

    def test_a_tool_round_trip(self) -> None:
        thoughts = (Thought("lan/m", "sealed", "hm"), Thought("lan/other", "x"))
        sent = body_of(
            *HELLO,
            Message("assistant", "I look.", tool_calls=(CALL,), thoughts=thoughts),
            Message("tool", "", tool_call_id="call_1"),
            Message("assistant"),
        )["input"]
        summary = [{"type": "summary_text", "text": "hm"}]
        assert sent[1:] == [
            {"type": "reasoning", "summary": summary, "encrypted_content": "sealed"},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "I look."}]},
            {"type": "function_call", "call_id": "call_1", "name": "exec", "arguments": CALL.arguments},
            {"type": "function_call_output", "call_id": "call_1", "output": "(no output)"},
        ]

    def test_images_where_they_are_seen(self) -> None:
        picture = {"type": "input_image", "detail": "auto", "image_url": "data:image/png;base64,iVBORw0KGgo="}
        messages = (Message("user", "look", images=(PIXEL,)), Message("tool", "x", images=(PIXEL,), tool_call_id="a"))
        sent = body_of(*messages, endpoint=replace(LOCAL, images=True))["input"]
        assert sent[0]["content"][1] == picture
        assert sent[1]["output"] == [{"type": "input_text", "text": "x"}, picture]
        assert "left out" in body_of(*messages)["input"][1]["output"]


class TestDecode:
    """What comes in."""

    def test_text_usage_and_end(self) -> None:
        usage = {"input_tokens": 100, "output_tokens": 7, "input_tokens_details": {"cached_tokens": 60}}
        end = {"type": "response.completed", "response": {"status": "completed", "usage": usage}}
        events = decode(
            {"type": "response.created", "response": {"status": "in_progress"}},
            item("added", 0, type="message"),
            delta("output_text", "Hel"),
            delta("output_text", "lo"),
            item("done", 0, type="message"),
            end=end,
        )
        assert events == [TextDelta("Hel"), TextDelta("lo"), Finished("stop", Usage(40, 7, 60))]

    def test_text_that_came_in_no_piece_is_found_at_the_end(self) -> None:
        output = [{"type": "message", "content": [{"type": "output_text", "text": "Hello"}]}]
        end = {"type": "response.completed", "response": {"status": "completed", "output": output}}
        assert decode(end=end)[0] == TextDelta("Hello")
        assert decode(delta("output_text", "Hello"), end=end) == [TextDelta("Hello"), Finished("stop", Usage())]

    def test_two_tools_in_pieces_between_each_other(self) -> None:
        events = decode(
            item("added", 0, type="function_call", call_id="a", name="exec", arguments=""),
            item("added", 1, type="function_call", call_id="b", name="read", arguments=""),
            delta("function_call_arguments", '{"comm', 0),
            delta("function_call_arguments", "{}", 1),
            delta("function_call_arguments", 'and":"ls"}', 0),
            item("done", 0, type="function_call", call_id="a", name="exec", arguments='{"command":"ls"}'),
            item("done", 1, type="function_call", call_id="b", name="read", arguments="{}"),
        )
        assert events == [
            ToolCalled(ToolCall("a", "exec", '{"command":"ls"}')),
            ToolCalled(ToolCall("b", "read", "{}")),
            Finished("toolUse", Usage()),
        ]

    def test_a_call_may_come_whole(self) -> None:
        events = decode(item("done", 0, type="function_call", call_id="a", name="exec", arguments='{"x":1}'))
        assert events[0] == ToolCalled(ToolCall("a", "exec", '{"x":1}'))

    def test_reasoning_is_sealed_for_the_way_back(self) -> None:
        summary = [{"type": "summary_text", "text": "One."}, {"type": "summary_text", "text": "Two."}]
        events = decode(
            delta("reasoning_summary_text", "One."),
            {"type": "response.reasoning_summary_part.done"},
            delta("reasoning_summary_text", "Two."),
            item("done", 0, type="reasoning", summary=summary, encrypted_content="sealed"),
            item("done", 1, type="reasoning", summary=[], encrypted_content=None),
        )
        assert events[:-1] == [
            ReasoningDelta("One."),
            ReasoningDelta("\n\n"),
            ReasoningDelta("Two."),
            ThoughtSealed(Thought("lan/m", "sealed", "One.\n\nTwo.")),
        ]

    def test_an_answer_that_is_not_streamed(self) -> None:
        output = [
            {"type": "message", "content": [{"type": "refusal", "refusal": "No."}]},
            {"type": "function_call", "call_id": "a", "name": "exec", "arguments": "{}"},
        ]
        whole = {"object": "response", "status": "completed", "output": output, "usage": {"input_tokens": 3}}
        assert decode(end=whole) == [
            TextDelta("No."),
            ToolCalled(ToolCall("a", "exec", "{}")),
            Finished("toolUse", Usage(3)),
        ]

    def test_incomplete_answers(self) -> None:
        def incomplete(reason: str) -> dict[str, object]:
            response = {"status": "incomplete", "incomplete_details": {"reason": reason}}
            return {"type": "response.incomplete", "response": response}

        assert decode(delta("output_text", "x"), end=incomplete("max_output_tokens"))[-1] == Finished("length", Usage())
        with pytest.raises(AnswerRefused, match="content_filter"):
            decode(end=incomplete("content_filter"))
        with pytest.raises(BadReply, match="odd"):
            decode(end=incomplete("odd"))

    def test_a_stream_without_its_end_is_cut(self) -> None:
        with pytest.raises(StreamCut):
            decode(delta("output_text", "half"), end=None)

    @pytest.mark.parametrize(
        "chunk",
        [
            {"type": "error", "code": "rate_limit_exceeded", "message": "slow down", "param": None},
            {"type": "response.failed", "response": {"error": {"code": "rate_limit_exceeded", "message": "slow down"}}},
            {"error": {"code": "rate_limit_exceeded", "message": "slow down"}},
            {
                "object": "response",
                "status": "failed",
                "error": {"code": "rate_limit_exceeded", "message": "slow down"},
            },
        ],
    )
    def test_errors_in_the_stream(self, chunk: Mapping[str, object]) -> None:
        with pytest.raises(ErrorInStream) as caught:
            decode(chunk)
        assert "rate_limit_exceeded" in caught.value.text

    def test_broken_calls(self) -> None:
        with pytest.raises(BadReply, match="malformed tool call"):
            decode(item("done", 0, type="function_call", call_id="a", name="exec", arguments='{"x'))
