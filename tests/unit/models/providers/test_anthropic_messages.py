"""Requests are written as Anthropic's messages want them, and the events of its answers are read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from clawfleet.core.messages import Image, Message, Thought, ToolCall, ToolSpec, Usage
from clawfleet.models.providers.anthropic_messages import AnthropicMessages, Decoder, encode
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

LOCAL = Endpoint("lan", "http://127.0.0.1:8317")
SITE = Site("lan", "m", "http://127.0.0.1:8317")
HELLO = (Message("user", "hello"),)
PIXEL = Image("image/png", "iVBORw0KGgo=")
EXEC = ToolSpec("exec", "Run a command", {"type": "object", "properties": {"command": {"type": "string"}}})
MARK = {"cache_control": {"type": "ephemeral"}}
CALL = ToolCall("call_1", "exec", '{"command":"ls"}')


def text(said: str) -> dict[str, object]:
    return {"type": "text", "text": said}


def body_of(*messages: Message, endpoint: Endpoint = LOCAL, **more: Any) -> Any:
    return encode(Request("m", messages or HELLO, **more), endpoint)


def decode(*chunks: Mapping[str, object], whole: bool = True) -> list[Event]:
    decoder = Decoder(SITE)
    ends: list[Mapping[str, object]] = [{"type": "message_stop"}] if whole else []
    events = [event for chunk in (*chunks, *ends) for event in decoder.feed(json.dumps(chunk).encode())]
    return events + decoder.close()


def start(index: int, **block: object) -> dict[str, object]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index: int, kind: str, **fields: object) -> dict[str, object]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **fields}}


def stop(index: int) -> dict[str, object]:
    return {"type": "content_block_stop", "index": index}


def ended(reason: str, **usage: int) -> dict[str, object]:
    return {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage}


class TestAddress:
    """Where it goes and with which headers."""

    @pytest.mark.parametrize("base", ["https://x.example", "https://x.example/", "https://x.example/v1/"])
    def test_the_version_is_not_doubled(self, base: str) -> None:
        assert AnthropicMessages(Endpoint("x", base), Http)._url == "https://x.example/v1/messages"

    def test_keys(self) -> None:
        def auth(key: str | None, base: str = "https://x.example") -> dict[str, str]:
            return AnthropicMessages(Endpoint("x", base, api_key=key), Http)._auth

        assert auth("k") == {"anthropic-version": "2023-06-01", "x-api-key": "k"}
        assert auth("sk-ant-oat01-x")["authorization"] == "Bearer sk-ant-oat01-x"
        assert auth(None, "http://127.0.0.1:1")["x-api-key"] == "custom-local"
        assert "x-api-key" not in auth(None)


class TestEncode:
    """What goes out."""

    def test_a_plain_request(self) -> None:
        assert body_of(Message("system", "be brief"), *HELLO) == {
            "model": "m",
            "system": [{**text("be brief"), **MARK}],
            "messages": [{"role": "user", "content": [{**text("hello"), **MARK}]}],
            "max_tokens": 8192,
            "stream": True,
        }

    def test_only_the_stable_system_block_is_marked(self) -> None:
        body = body_of(Message("system", "stable"), Message("system", "now"), *HELLO)
        assert body["system"] == [{**text("stable"), **MARK}, text("now")]

    def test_tools_are_sorted(self) -> None:
        body = body_of(tools=(ToolSpec("read", "Read"), EXEC))
        assert body["tools"] == [
            {"name": "exec", "description": "Run a command", "input_schema": EXEC.parameters},
            {"name": "read", "description": "Read", "input_schema": {"type": "object", "properties": {}}},
        ]
        assert "tool_choice" not in body
        assert "tools" not in body_of(tools=(EXEC,), endpoint=replace(LOCAL, compat={"supportsTools": False}))

    @pytest.mark.parametrize(
        ("choice", "sent"),
        [
            ("auto", None),
            ("none", {"type": "none"}),
            ("required", {"type": "any"}),
            ({"type": "function", "function": {"name": "exec"}}, {"type": "tool", "name": "exec"}),
        ],
    )
    def test_who_must_be_called(self, choice: Any, sent: object) -> None:
        assert body_of(tools=(EXEC,), sampling=Sampling(tool_choice=choice)).get("tool_choice") == sent

    def test_sampling(self) -> None:
        body = body_of(sampling=Sampling(temperature=1.5, top_p=0.5, max_tokens=99, stop=("END",), seed=1))
        assert (body["temperature"], body["max_tokens"], body["stop_sequences"]) == (1.0, 99, ["END"])
        assert not {"top_p", "seed"} & body.keys()
        assert body_of(sampling=Sampling(top_p=0.5))["top_p"] == 0.5
        assert body_of(endpoint=replace(LOCAL, max_tokens=77))["max_tokens"] == 77

    def test_results_in_a_row_share_a_message_and_ids_are_mended(self) -> None:
        calls = (ToolCall("a.1", "exec", ""), ToolCall("b", "exec", '{"x":1}'))
        sent = body_of(
            *HELLO,
            Message("assistant", "I look.", tool_calls=calls),
            Message("tool", "one", tool_call_id="a.1"),
            Message("tool", "", tool_call_id="b", is_error=True),
            Message("user", "so?"),
            Message("assistant", tool_calls=(ToolCall("b", "exec", "no json"),)),
            Message("tool", "two", tool_call_id="b"),
        )["messages"]
        assert sent[1]["content"] == [
            text("I look."),
            {"type": "tool_use", "id": "a_1", "name": "exec", "input": {}},
            {"type": "tool_use", "id": "b", "name": "exec", "input": {"x": 1}},
        ]
        assert sent[2] == {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "a_1", "content": [text("one")], "is_error": False},
                {"type": "tool_result", "tool_use_id": "b", "content": [text("(no output)")], "is_error": True},
            ],
        }
        assert sent[4]["content"][0]["id"] == "b_2"
        assert sent[5]["content"][0]["tool_use_id"] == "b_2"
        assert sent[5]["content"][0]["cache_control"] == {"type": "ephemeral"}

    def test_images_where_they_are_seen(self) -> None:
        picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL.data}}
        messages = (
            Message("user", "look", images=(PIXEL,)),
            Message("assistant", tool_calls=(CALL,)),
            Message("tool", "", images=(PIXEL,), tool_call_id="call_1"),
        )
        sent = body_of(*messages, endpoint=replace(LOCAL, images=True))["messages"]
        assert sent[0]["content"] == [text("look"), picture]
        assert sent[2]["content"][0]["content"] == [picture]
        blind = body_of(*messages)["messages"]
        assert blind[0]["content"] == [text("look\n[image/png left out: this model reads text only]")]

    def test_the_user_begins_and_nothing_is_empty(self) -> None:
        sent = body_of(Message("assistant", "Hi"), Message("assistant"), Message("user", " "))["messages"]
        assert [message["role"] for message in sent] == ["user", "assistant", "user"]
        assert sent[2]["content"][0]["text"] == "(empty)"

    def test_its_own_thoughts_come_first_and_others_stay_away(self) -> None:
        thoughts = (
            Thought("lan/m", "sig", "hm"),
            Thought("lan/m", "redacted:abc"),
            Thought("lan/other", "sig2", "what"),
        )
        said = Message("assistant", "Yes.", tool_calls=(CALL,), thoughts=thoughts)
        sent = body_of(*HELLO, said, Message("tool", "x", tool_call_id="call_1"))["messages"]
        assert sent[1]["content"][:3] == [
            {"type": "thinking", "thinking": "hm", "signature": "sig"},
            {"type": "redacted_thinking", "data": "abc"},
            text("Yes."),
        ]

    def test_a_budget_is_not_asked_for_when_the_reasoning_behind_the_calls_is_lost(self) -> None:
        deep = replace(LOCAL, reasoning=True, max_tokens=32_000)
        said = Message("assistant", tool_calls=(CALL,))
        tail = (*HELLO, said, Message("tool", "x", tool_call_id="call_1"))
        assert "thinking" not in body_of(*tail, endpoint=deep)
        kept = replace(said, thoughts=(Thought("lan/m", "sig"),))
        assert "thinking" in body_of(*HELLO, kept, tail[-1], endpoint=deep)


class TestDecode:
    """What comes in."""

    def test_text_usage_and_end(self) -> None:
        usage = {
            "input_tokens": 100,
            "output_tokens": 1,
            "cache_read_input_tokens": 70,
            "cache_creation_input_tokens": 30,
        }
        assert decode(
            {"type": "message_start", "message": {"id": "msg_1", "usage": usage}},
            start(0, type="text", text=""),
            {"type": "ping"},
            delta(0, "text_delta", text="Hel"),
            delta(0, "text_delta", text="lo"),
            stop(0),
            ended("end_turn", output_tokens=12),
        ) == [TextDelta("Hel"), TextDelta("lo"), Finished("stop", Usage(100, 12, 70, 30))]

    @pytest.mark.parametrize(
        ("reason", "found"),
        [
            ("end_turn", "stop"),
            ("stop_sequence", "stop"),
            ("pause_turn", "stop"),
            ("max_tokens", "length"),
            ("model_context_window_exceeded", "length"),
        ],
    )
    def test_stop_reasons(self, reason: str, found: str) -> None:
        assert decode(ended(reason))[-1] == Finished(found, Usage())  # type: ignore[arg-type]

    def test_two_tools_in_pieces_between_each_other(self) -> None:
        events = decode(
            start(0, type="tool_use", id="a", name="exec", input={}),
            start(1, type="tool_use", id="b", name="read", input={}),
            delta(0, "input_json_delta", partial_json='{"comm'),
            delta(1, "input_json_delta", partial_json=""),
            delta(0, "input_json_delta", partial_json='and":"ls"}'),
            stop(0),
            stop(1),
            ended("tool_use", output_tokens=5),
        )
        assert events == [
            ToolCalled(ToolCall("a", "exec", '{"command":"ls"}')),
            ToolCalled(ToolCall("b", "read", "{}")),
            Finished("toolUse", Usage(0, 5)),
        ]

    def test_thinking_is_sealed_for_the_way_back(self) -> None:
        events = decode(
            start(0, type="thinking", thinking="", signature=""),
            delta(0, "thinking_delta", thinking="Let me "),
            delta(0, "thinking_delta", thinking="see."),
            delta(0, "signature_delta", signature="sig"),
            stop(0),
            start(1, type="redacted_thinking", data="abc"),
            stop(1),
            start(2, type="thinking", thinking="unsealed"),
            stop(2),
            start(3, type="text", text=""),
            delta(3, "text_delta", text="Done."),
            stop(3),
            ended("end_turn"),
        )
        assert events == [
            ReasoningDelta("Let me "),
            ReasoningDelta("see."),
            ThoughtSealed(Thought("lan/m", "sig", "Let me see.")),
            ThoughtSealed(Thought("lan/m", "redacted:abc")),
            ReasoningDelta("unsealed"),
            TextDelta("Done."),
            Finished("stop", Usage()),
        ]

    def test_an_answer_that_is_not_streamed(self) -> None:
        content = [{"type": "text", "text": "Hi"}, {"type": "tool_use", "id": "a", "name": "exec", "input": {"x": "é"}}]
        message = {"type": "message", "content": content, "stop_reason": "tool_use", "usage": {"input_tokens": 3}}
        assert decode(message, whole=False) == [
            TextDelta("Hi"),
            ToolCalled(ToolCall("a", "exec", '{"x": "é"}')),
            Finished("toolUse", Usage(3)),
        ]

    def test_a_stop_reason_is_an_end_and_nothing_else_is(self) -> None:
        assert decode(ended("end_turn"), whole=False)[-1] == Finished("stop", Usage())
        with pytest.raises(StreamCut):
            decode(delta(0, "text_delta", text="half"), whole=False)

    def test_failures(self) -> None:
        with pytest.raises(AnswerRefused, match="Anthropic refusal"):
            decode(ended("refusal"))
        with pytest.raises(BadReply, match="stop_reason: odd"):
            decode(ended("odd"))
        error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
        with pytest.raises(ErrorInStream) as caught:
            decode(error)
        assert json.loads(caught.value.text) == error
        with pytest.raises(BadReply, match="malformed tool call"):
            decode(start(0, type="tool_use", id="a", name="exec"), delta(0, "input_json_delta", partial_json='{"a'))
        with pytest.raises(BadReply, match="token limit"):
            decode(start(0, type="tool_use", id="a", name="exec"), ended("max_tokens"))
        with pytest.raises(BadReply, match="not a JSON object"):
            Decoder(SITE).feed(b"[1")
