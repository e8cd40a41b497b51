"""Requests are written as Google's generateContent wants them, and the chunks of its answers are read."""

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
from clawfleet.models.providers.google_generative_ai import Decoder, GoogleGenerativeAI, encode
from clawfleet.models.providers.http import ErrorInStream, Http

LOCAL = Endpoint("lan", "http://127.0.0.1:8317/v1beta")
SITE = Site("lan", "m", "http://127.0.0.1:8317/v1beta")
HELLO = (Message("user", "hello"),)
PIXEL = Image("image/png", "iVBORw0KGgo=")
SHOWN = {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}
EXEC = ToolSpec("exec", "Run a command", {"type": "object", "properties": {"command": {"type": "string"}}})
CALLS = (ToolCall("exec_1_1", "exec", '{"command":"ls"}'), ToolCall("read_1_2", "read", ""))


def body_of(*messages: Message, endpoint: Endpoint = LOCAL, model: str = "m", **more: Any) -> Any:
    return encode(Request(model, messages or HELLO, **more), endpoint)


def decode(*chunks: Mapping[str, object]) -> list[Event]:
    decoder = Decoder(SITE)
    events = [event for chunk in chunks for event in decoder.feed(json.dumps(chunk).encode())]
    return events + decoder.close()


def parts(*given: Mapping[str, object], finish: str | None = None, **usage: int) -> dict[str, object]:
    candidate: dict[str, object] = {"content": {"role": "model", "parts": list(given)}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], "usageMetadata": usage}


class TestAddress:
    """Where it goes and with which headers."""

    @pytest.mark.parametrize("model", ["gemini-3-pro", "models/gemini-3-pro"])
    @pytest.mark.parametrize("base", ["https://x.example/v1beta", "https://x.example/v1beta/"])
    def test_the_model_is_part_of_the_address(self, base: str, model: str) -> None:
        url = GoogleGenerativeAI(Endpoint("x", base), Http)._url(model)
        assert url == "https://x.example/v1beta/models/gemini-3-pro:streamGenerateContent?alt=sse"

    def test_what_an_address_cannot_hold_is_written_out(self) -> None:
        url = GoogleGenerativeAI(Endpoint("x", "https://x.example"), Http)._url("a?b/c d")
        assert url == "https://x.example/models/a%3Fb/c%20d:streamGenerateContent?alt=sse"

    def test_keys(self) -> None:
        assert GoogleGenerativeAI(replace(LOCAL, api_key="k"), Http)._auth == {"x-goog-api-key": "k"}
        assert GoogleGenerativeAI(LOCAL, Http)._auth == {"x-goog-api-key": "custom-local"}
        assert GoogleGenerativeAI(Endpoint("x", "https://x.example"), Http)._auth == {}


class TestEncode:
    """What goes out."""

    def test_a_plain_request(self) -> None:
        assert body_of(Message("system", "be brief"), *HELLO) == {
            "contents": [{"role": "user", "parts": [{"text": "hello"}]}],
            "systemInstruction": {"role": "user", "parts": [{"text": "be brief"}]},
            "generationConfig": {},
        }

    def test_tools_and_choices(self) -> None:
        body = body_of(tools=(ToolSpec("read", "Read"), EXEC))
        (tool,) = body["tools"]
        assert tool["functionDeclarations"][0] == {
            "name": "exec",
            "description": "Run a command",
            "parametersJsonSchema": EXEC.parameters,
        }
        assert "toolConfig" not in body
        forced = Sampling(tool_choice={"type": "function", "function": {"name": "exec"}})
        config = body_of(tools=(EXEC,), sampling=forced)["toolConfig"]["functionCallingConfig"]
        assert config == {"mode": "ANY", "allowedFunctionNames": ["exec"]}
        none = body_of(tools=(EXEC,), sampling=Sampling(tool_choice="none"))
        assert none["toolConfig"]["functionCallingConfig"] == {"mode": "NONE"}
        assert "tools" not in body_of(tools=(EXEC,), endpoint=replace(LOCAL, compat={"supportsTools": False}))

    def test_sampling(self) -> None:
        wanted = {"type": "json_schema", "json_schema": {"name": "s", "schema": {"type": "object"}}}
        sampling = Sampling(0.1, 0.2, 0.3, 0.4, 9, 7, None, ("END",), wanted)
        assert body_of(sampling=sampling)["generationConfig"] == {
            "temperature": 0.1,
            "topP": 0.2,
            "frequencyPenalty": 0.3,
            "presencePenalty": 0.4,
            "maxOutputTokens": 9,
            "seed": 7,
            "stopSequences": ["END"],
            "responseMimeType": "application/json",
            "responseJsonSchema": {"type": "object"},
        }
        deep = body_of(endpoint=replace(LOCAL, reasoning=True))
        assert deep["generationConfig"] == {"thinkingConfig": {"includeThoughts": True}}

    def test_a_tool_round_trip(self) -> None:
        thoughts = (Thought("lan/m", "sealT", "hm"), Thought("lan/m", "sealC", call_id="exec_1_1"))
        sent = body_of(
            *HELLO,
            Message("assistant", "I look.", tool_calls=CALLS, thoughts=thoughts),
            Message("tool", "one", tool_call_id="exec_1_1", tool_name="exec"),
            Message("tool", "no", tool_call_id="read_1_2", tool_name="read", is_error=True),
        )["contents"]
        first = {"id": "exec11", "name": "exec", "args": {"command": "ls"}}
        assert sent[1] == {
            "role": "model",
            "parts": [
                {"text": "hm", "thought": True},
                {"text": "I look.", "thoughtSignature": "sealT"},
                {"functionCall": first, "thoughtSignature": "sealC"},
                {"functionCall": {"id": "read12", "name": "read", "args": {}}},
            ],
        }
        assert sent[2] == {
            "role": "user",
            "parts": [
                {"functionResponse": {"id": "exec11", "name": "exec", "response": {"output": "one"}}},
                {"functionResponse": {"id": "read12", "name": "read", "response": {"error": "no"}}},
            ],
        }

    def test_calls_whose_seal_is_lost_say_so_to_gemini_3(self) -> None:
        said = Message("assistant", tool_calls=CALLS)
        sent = body_of(*HELLO, said, model="gemini-3-pro-preview")["contents"][1]["parts"]
        assert sent[0]["thoughtSignature"] == "skip_thought_signature_validator"
        assert "thoughtSignature" not in sent[1]
        assert "thoughtSignature" not in body_of(*HELLO, said)["contents"][1]["parts"][0]

    def test_images_where_they_are_seen(self) -> None:
        messages = (
            Message("user", "look", images=(PIXEL,)),
            Message("assistant", tool_calls=CALLS[:1]),
            Message("tool", "", images=(PIXEL,), tool_call_id="exec_1_1", tool_name="exec"),
        )
        seeing = replace(LOCAL, images=True)
        sent = body_of(*messages, endpoint=seeing)["contents"]
        assert sent[0]["parts"] == [{"text": "look"}, SHOWN]
        assert sent[2]["parts"][0]["functionResponse"]["response"] == {"output": "(no output)"}
        assert sent[3] == {"role": "user", "parts": [{"text": "(from the tool)"}, SHOWN]}
        followed = body_of(*messages, Message("user", "so?"), endpoint=seeing)["contents"]
        assert [content["parts"][0].get("text") for content in followed[3:]] == ["(from the tool)", "so?"]
        newer = body_of(*messages, endpoint=seeing, model="gemini-3-pro")["contents"]
        assert newer[2]["parts"][0]["functionResponse"]["parts"] == [SHOWN]
        assert "left out" in body_of(*messages)["contents"][0]["parts"][0]["text"]

    def test_the_user_begins(self) -> None:
        sent = body_of(Message("assistant", "Hi"), Message("assistant"), *HELLO)["contents"]
        assert [content["role"] for content in sent] == ["user", "model", "user"]


class TestDecode:
    """What comes in."""

    def test_text_usage_and_end(self) -> None:
        counts = {
            "promptTokenCount": 100,
            "cachedContentTokenCount": 60,
            "toolUsePromptTokenCount": 5,
            "candidatesTokenCount": 7,
            "thoughtsTokenCount": 3,
        }
        assert decode(
            parts({"text": "Hel"}, promptTokenCount=100),
            parts({"text": "lo"}, finish="STOP", **counts),
        ) == [TextDelta("Hel"), TextDelta("lo"), Finished("stop", Usage(45, 10, 60))]

    def test_thoughts_calls_and_seals(self) -> None:
        first = {"functionCall": {"id": "c1", "name": "exec", "args": {"command": "é"}}, "thoughtSignature": "sealC"}
        second = {"functionCall": {"name": "read"}}
        events = decode(
            parts({"text": "hm", "thought": True}),
            parts({"text": "I look.", "thoughtSignature": "sealT"}),
            parts(first, second, finish="STOP"),
        )
        called = [event.call for event in events if isinstance(event, ToolCalled)]
        assert events[:4] == [
            ReasoningDelta("hm"),
            TextDelta("I look."),
            ThoughtSealed(Thought("lan/m", "sealT")),
            ThoughtSealed(Thought("lan/m", "sealC", call_id="c1")),
        ]
        assert called[0] == ToolCall("c1", "exec", '{"command": "é"}')
        assert (called[1].name, called[1].arguments) == ("read", "{}")
        assert called[1].id.startswith("read_")
        assert events[-1] == Finished("toolUse", Usage())

    def test_the_limit(self) -> None:
        assert decode(parts({"text": "x"}, finish="MAX_TOKENS"))[-1] == Finished("length", Usage())

    def test_refusals(self) -> None:
        with pytest.raises(AnswerRefused, match=r"Google generation stopped \(SAFETY\)"):
            decode(parts({"text": "x"}, finish="SAFETY"))
        with pytest.raises(AnswerRefused, match=r"Google prompt blocked \(OTHER\)"):
            decode({"promptFeedback": {"blockReason": "OTHER"}})

    def test_failures(self) -> None:
        with pytest.raises(StreamCut):
            decode(parts({"text": "half"}))
        with pytest.raises(BadReply, match="malformed tool call"):
            decode(parts(finish="MALFORMED_FUNCTION_CALL"))
        with pytest.raises(ErrorInStream, match="error object"):
            decode({"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}})
        with pytest.raises(BadReply, match="without a name"):
            decode(parts({"functionCall": {}}, finish="STOP"))
        assert decode(parts({"text": "x"}, finish="STOP"), {})[-1] == Finished("stop", Usage())
