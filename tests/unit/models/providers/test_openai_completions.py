"""Requests are written as an OpenAI-like server wants them, and its answers are read whatever their accent."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from clawfleet.core.messages import Image, Message, ToolCall, ToolSpec, Usage
from clawfleet.models.providers.base import (
    Endpoint,
    Event,
    Finished,
    ReasoningDelta,
    Request,
    Sampling,
    TextDelta,
    ToolCalled,
)
from clawfleet.models.providers.failures import AnswerRefused, BadReply, Site, StreamCut
from clawfleet.models.providers.http import ErrorInStream, Http
from clawfleet.models.providers.openai_completions import Decoder, OpenAICompletions, encode

LOCAL = Endpoint("lan", "http://127.0.0.1:8317/v1")
OPENAI = Endpoint("openai", "https://api.openai.com/v1", reasoning=True)
SITE = Site("lan", "m", "http://127.0.0.1:8317/v1")
HELLO = (Message("user", "hello"),)
PIXEL = Image("image/png", "iVBORw0KGgo=")
EXEC = ToolSpec("exec", "Run a command", {"type": "object", "properties": {"command": {"type": "string"}}})


def messages_of(*messages: Message, endpoint: Endpoint = LOCAL) -> Any:
    return encode(Request("m", messages), endpoint)["messages"]


def decode(*chunks: object, done: bool = True) -> list[Event]:
    decoder = Decoder(SITE)
    events = [event for chunk in chunks for event in decoder.feed(json.dumps(chunk).encode())]
    if done:
        events += decoder.feed(b"[DONE]")
    return events + decoder.close()


def delta(finish: object = None, **fields: object) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]}


class TestEncode:
    """What goes out."""

    def test_a_plain_request(self) -> None:
        assert encode(Request("m", (Message("system", "be brief"), *HELLO)), LOCAL) == {
            "model": "m",
            "messages": [{"role": "system", "content": "be brief"}, {"role": "user", "content": "hello"}],
            "stream": True,
            "stream_options": {"include_usage": True},
        }

    def test_tools_are_sorted_and_complete(self) -> None:
        body = encode(Request("m", HELLO, (ToolSpec("read", "Read"), EXEC)), LOCAL)
        assert body["tools"] == [
            {
                "type": "function",
                "function": {"name": "exec", "description": "Run a command", "parameters": EXEC.parameters},
            },
            {
                "type": "function",
                "function": {
                    "name": "read",
                    "description": "Read",
                    "parameters": {"type": "object", "properties": {}},
                },
            },
        ]
        assert body["tool_choice"] == "auto"

    def test_a_server_without_tools_gets_none(self) -> None:
        endpoint = Endpoint("lan", LOCAL.base_url, compat={"supportsTools": False})
        assert not {"tools", "tool_choice"} & encode(Request("m", HELLO, (EXEC,)), endpoint).keys()

    def test_sampling_is_passed_on_and_silence_is_silent(self) -> None:
        sampling = Sampling(
            temperature=0.0,
            top_p=0.5,
            frequency_penalty=0.1,
            presence_penalty=0.2,
            max_tokens=123,
            seed=0,
            stop=("END",),
            response_format={"type": "json_object"},
            tool_choice="required",
        )
        body = encode(Request("m", HELLO, (EXEC,), sampling), LOCAL)
        assert {key: body[key] for key in body.keys() - {"model", "messages", "tools", "stream", "stream_options"}} == {
            "temperature": 0.0,
            "top_p": 0.5,
            "frequency_penalty": 0.1,
            "presence_penalty": 0.2,
            "max_completion_tokens": 123,
            "seed": 0,
            "stop": ["END"],
            "response_format": {"type": "json_object"},
            "tool_choice": "required",
        }

    def test_the_models_own_answer_limit_holds_when_the_caller_has_none(self) -> None:
        endpoint = Endpoint("mistral", "https://api.mistral.ai/v1", max_tokens=4096)
        assert encode(Request("m", HELLO), endpoint)["max_tokens"] == 4096
        assert encode(Request("m", HELLO, sampling=Sampling(max_tokens=7)), endpoint)["max_tokens"] == 7

    def test_usage_is_not_asked_of_an_unknown_server(self) -> None:
        assert "stream_options" not in encode(Request("m", HELLO), Endpoint("x", "https://llm.example.com/v1"))

    def test_a_reasoning_model_of_openai_gets_effort_and_developer_role(self) -> None:
        body = encode(Request("m", (Message("system", "s"), *HELLO)), OPENAI)
        assert body["reasoning_effort"] == "medium"
        assert body["messages"][0]["role"] == "developer"  # type: ignore[index]
        low = encode(Request("m", HELLO, sampling=Sampling(reasoning_effort="low")), OPENAI)
        assert low["reasoning_effort"] == "low"
        assert "reasoning_effort" not in encode(Request("m", HELLO), LOCAL)

    def test_openai_itself_gets_tools_or_an_effort(self) -> None:
        assert "reasoning_effort" not in encode(Request("m", HELLO, (EXEC,)), OPENAI)
        insisted = replace(OPENAI, compat={"supportsReasoningEffort": True})
        assert encode(Request("m", HELLO, (EXEC,)), insisted)["reasoning_effort"] == "medium"

    def test_off_is_told_by_the_name_it_has(self) -> None:
        off = Sampling(reasoning_effort="off")
        assert "reasoning_effort" not in encode(Request("m", HELLO, sampling=off), OPENAI)
        named = replace(OPENAI, compat={"reasoningEffortMap": {"off": "none"}})
        assert encode(Request("m", HELLO, sampling=off), named)["reasoning_effort"] == "none"

    def test_a_tool_round_trip(self) -> None:
        sent = messages_of(
            Message("user", "run"),
            Message("assistant", tool_calls=(ToolCall("call_1", "exec", '{"command":"ls"}'),)),
            Message("tool", "", tool_call_id="call_1", tool_name="exec"),
        )
        call = {"id": "call_1", "type": "function", "function": {"name": "exec", "arguments": '{"command":"ls"}'}}
        assert sent[1:] == [
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "call_1", "content": "(no output)"},
        ]

    def test_an_empty_assistant_message_is_left_out(self) -> None:
        assert [entry["role"] for entry in messages_of(*HELLO, Message("assistant"), *HELLO)] == ["user", "user"]

    def test_images_go_to_a_model_that_sees(self) -> None:
        endpoint = Endpoint("lan", LOCAL.base_url, images=True)
        assert messages_of(Message("user", "look", images=(PIXEL,)), endpoint=endpoint)[0]["content"] == [
            {"type": "text", "text": "look"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
        ]

    def test_a_model_that_reads_text_only_is_told_of_the_image(self) -> None:
        content = messages_of(Message("user", "look", images=(PIXEL,)))[0]["content"]
        assert content == "look\n[image/png left out: this model reads text only]"

    def test_string_content_is_kept_for_servers_that_need_it(self) -> None:
        endpoint = Endpoint("lan", LOCAL.base_url, images=True, compat={"requiresStringContent": True})
        assert isinstance(messages_of(Message("user", images=(PIXEL,)), endpoint=endpoint)[0]["content"], str)

    def test_pictures_of_tools_follow_their_run_of_results(self) -> None:
        endpoint = Endpoint("lan", LOCAL.base_url, images=True)
        sent = messages_of(
            Message("tool", "one", images=(PIXEL,), tool_call_id="a"),
            Message("tool", "two", tool_call_id="b"),
            Message("user", "so?"),
            Message("tool", "", images=(PIXEL,), tool_call_id="c"),
            endpoint=endpoint,
        )
        assert [entry["role"] for entry in sent] == ["tool", "tool", "user", "user", "tool", "user"]
        assert sent[2]["content"][1]["type"] == "image_url"
        assert sent[4]["content"] == "(no output)"
        assert sent[5]["content"][1]["type"] == "image_url"

    def test_a_strict_server_gets_role_and_content_only(self) -> None:
        endpoint = Endpoint("lan", LOCAL.base_url, compat={"strictMessageKeys": True})
        sent = messages_of(
            Message("assistant", tool_calls=(ToolCall("a", "exec", "{}"),)),
            Message("tool", "out", tool_call_id="a"),
            endpoint=endpoint,
        )
        assert sent == [{"role": "assistant", "content": ""}, {"role": "tool", "content": "out"}]


class TestDecode:
    """What comes in."""

    def test_text_usage_and_end(self) -> None:
        usage = {
            "prompt_tokens": 100,
            "completion_tokens": 7,
            "prompt_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 10},
        }
        assert decode(
            delta(role="assistant", content=""),
            {**delta(content="Hel"), "usage": None},
            delta(content="lo"),
            delta("stop"),
            {"choices": [], "usage": usage},
        ) == [TextDelta("Hel"), TextDelta("lo"), Finished("stop", Usage(30, 7, 60, 10))]

    @pytest.mark.parametrize(
        ("finish", "stop"),
        [("stop", "stop"), ("end", "stop"), ("STOP", "stop"), ("length", "length"), ("tool_calls", "stop")],
    )
    def test_stop_reasons(self, finish: str, stop: str) -> None:
        assert decode(delta(content="x"), delta(finish))[-1] == Finished(stop, Usage())  # type: ignore[arg-type]

    @pytest.mark.parametrize("finish", ["stop", "tool_calls", "tool_call", "function_call", None])
    def test_calls_always_stop_for_the_tool(self, finish: str | None) -> None:
        call = {"index": 0, "id": "a", "function": {"name": "exec", "arguments": "{}"}}
        assert decode(delta(tool_calls=[call]), delta(finish)) == [
            ToolCalled(ToolCall("a", "exec", "{}")),
            Finished("toolUse", Usage()),
        ]

    def test_calls_arrive_in_pieces_and_leave_whole_after_the_text(self) -> None:
        events = decode(
            delta(content="let me"),
            delta(tool_calls=[{"index": 0, "id": "a", "function": {"name": "exec", "arguments": ""}}]),
            delta(tool_calls=[{"index": 1, "id": "b", "function": {"name": "read"}}]),
            delta(tool_calls=[{"index": 0, "function": {"arguments": '{"command":'}}, None, {"index": 1}]),
            delta(tool_calls=[{"index": 0, "function": {"arguments": '"ls"}'}}]),
            delta("tool_calls"),
        )
        assert events == [
            TextDelta("let me"),
            ToolCalled(ToolCall("a", "exec", '{"command":"ls"}')),
            ToolCalled(ToolCall("b", "read", "{}")),
            Finished("toolUse", Usage()),
        ]

    def test_a_legacy_function_call(self) -> None:
        events = decode(
            delta(function_call={"name": "exec", "arguments": '{"a"'}),
            delta(function_call={"arguments": ":1}"}),
            delta("function_call"),
        )
        assert isinstance(events[0], ToolCalled)
        assert (events[0].call.name, events[0].call.arguments) == ("exec", '{"a":1}')

    def test_arguments_as_an_object(self) -> None:
        events = decode(delta(tool_calls=[{"function": {"name": "exec", "arguments": {"t": "ü"}}}]), delta("stop"))
        assert isinstance(events[0], ToolCalled)
        assert events[0].call.arguments == '{"t": "ü"}'

    @pytest.mark.parametrize(
        "fields",
        [
            {"reasoning_content": "hm"},
            {"reasoning": "hm"},
            {"reasoning_text": "hm"},
            {"reasoning": "other", "reasoning_details": [{"type": "reasoning.text", "text": "hm"}]},
            {"reasoning_details": [{"type": "reasoning.encrypted", "data": "?"}], "reasoning": "hm"},
            {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]},
            {"content": "<think>hm</think>"},
        ],
    )
    def test_reasoning_in_every_shape(self, fields: dict[str, object]) -> None:
        assert decode(delta(**fields), delta(content="x"), delta("stop"))[:2] == [ReasoningDelta("hm"), TextDelta("x")]

    def test_text_in_every_shape(self) -> None:
        parts = [{"type": "text", "text": "a"}, {"type": "other"}, {"type": "text", "text": "b"}]
        assert decode(delta(content=parts), delta(refusal="c"), delta("stop"))[:2] == [TextDelta("ab"), TextDelta("c")]

    def test_a_message_instead_of_deltas(self) -> None:
        message = {"role": "assistant", "content": "whole", "reasoning_content": "hm"}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        events = decode({"choices": [choice], "usage": {"prompt_tokens": 3, "completion_tokens": 1}}, done=False)
        assert events == [ReasoningDelta("hm"), TextDelta("whole"), Finished("stop", Usage(3, 1))]

    @pytest.mark.parametrize(
        ("holder", "expected"),
        [
            ({"choices": [{"delta": {}, "usage": {"prompt_tokens": 5, "completion_tokens": 2}}]}, Usage(5, 2)),
            ({"choices": [], "timings": {"prompt_n": 5, "predicted_n": 2}}, Usage(5, 2)),
            ({"usage": {"prompt_tokens": 5, "prompt_cache_hit_tokens": 4, "completion_tokens": 1}}, Usage(1, 1, 4)),
            ({"usage": {"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": 9}}}, Usage(0, 0, 9)),
            ({"usage": {"prompt_tokens": "many", "prompt_tokens_details": None}}, Usage()),
            ({"usage": {}}, Usage()),
        ],
    )
    def test_usage_wherever_it_stands(self, holder: object, expected: Usage) -> None:
        assert decode(delta(content="x"), delta("stop"), holder)[-1] == Finished("stop", expected)

    def test_a_missing_end_mark_is_no_fault_after_a_finish_reason(self) -> None:
        assert decode(delta(content="x"), delta("stop"), done=False)[-1] == Finished("stop", Usage())

    def test_a_missing_finish_reason_is_no_fault_before_an_end_mark(self) -> None:
        assert decode(delta(content="x"), delta("")) == [TextDelta("x"), Finished("stop", Usage())]

    def test_neither_is_a_cut_stream(self) -> None:
        with pytest.raises(StreamCut):
            decode(delta(content="x"), done=False)

    def test_a_content_filter_is_a_refusal(self) -> None:
        with pytest.raises(AnswerRefused, match="Provider finish_reason: content_filter"):
            decode(delta(content="x"), delta("content_filter"))

    def test_an_unknown_finish_reason_is_a_bad_reply(self) -> None:
        with pytest.raises(BadReply, match="Provider finish_reason: explosion"):
            decode(delta("explosion"))

    @pytest.mark.parametrize("arguments", ['{"command": "ls', "[]"])
    def test_broken_arguments_never_leave(self, arguments: str) -> None:
        call = {"index": 0, "id": "a", "function": {"name": "exec", "arguments": arguments}}
        with pytest.raises(BadReply, match="Provider returned an incomplete or malformed tool call"):
            decode(delta(tool_calls=[call]), delta("tool_calls"))

    def test_endless_arguments_are_stopped_while_they_arrive(self) -> None:
        decoder = Decoder(SITE)
        call = {"index": 0, "function": {"name": "exec", "arguments": "x" * 300_000}}
        with pytest.raises(BadReply, match="malformed tool call"):
            decoder.feed(json.dumps(delta(tool_calls=[call])).encode())

    def test_a_call_that_met_the_token_limit_never_leaves(self) -> None:
        call = {"index": 0, "id": "a", "function": {"name": "exec", "arguments": ""}}
        with pytest.raises(BadReply, match="token limit in the middle of a tool call") as caught:
            decode(delta(tool_calls=[call]), delta("length"))
        assert caught.value.hint == "raise maxTokens of the model in models.providers.lan.models"

    @pytest.mark.parametrize("data", [b"not json", b"[1]", b'"x"', b"{", b"[" * 100_000])
    def test_what_is_no_object_is_a_bad_reply(self, data: bytes) -> None:
        with pytest.raises(BadReply, match="not a JSON object"):
            Decoder(SITE).feed(data)

    @pytest.mark.parametrize(
        "chunk",
        [{"error": {"code": 500, "message": "boom"}}, {"error": "boom"}, {"object": "error", "message": "boom"}],
    )
    def test_an_error_object_is_handed_up(self, chunk: object) -> None:
        with pytest.raises(ErrorInStream) as caught:
            Decoder(SITE).feed(json.dumps(chunk).encode())
        assert json.loads(caught.value.text) == chunk

    @pytest.mark.parametrize(
        "chunk",
        [
            {},
            {"error": None},
            {"choices": None},
            {"choices": {}},
            {"choices": [None]},
            {"choices": [{}]},
            {"choices": [{"delta": None, "message": None, "finish_reason": 7}]},
            delta(content=5, tool_calls="x", function_call=[], refusal={}, reasoning_details={}),
            delta(content=[None, 5, {"type": "text"}], tool_calls=[{"function": None}, {}], reasoning=[]),
            delta(content=[{"type": "thinking", "thinking": "x"}, {"type": "thinking", "thinking": [None]}]),
        ],
    )
    def test_odd_shapes_say_nothing(self, chunk: object) -> None:
        assert decode(chunk) == [Finished("stop", Usage())]

    def test_blank_data_and_raw_control_characters_pass(self) -> None:
        decoder = Decoder(SITE)
        assert decoder.feed(b"  ") == []
        assert decoder.feed(b'{"choices":[{"delta":{"content":"a\x01\tb"}}]}') == [TextDelta("a\x01\tb")]
        assert decoder.feed(b'{"choices":[{"delta":{"content":"\xff"}}]}') == [TextDelta("\ufffd")]

    def test_a_character_split_over_deltas_is_joined(self) -> None:
        events = decode(delta(content="\ud83d"), delta(content="\ude00"), delta("stop"))
        assert events[0] == TextDelta("\U0001f600")


def test_it_serves_its_wire_api() -> None:
    assert OpenAICompletions(LOCAL, Http).api == "openai-completions"
