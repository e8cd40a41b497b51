"""The wire of `openai-completions`: requests fit the published types, streams of many accents read alike at any cut."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from openai.types.chat import ChatCompletionChunk
from openai.types.chat.completion_create_params import CompletionCreateParamsStreaming
from pydantic import TypeAdapter

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
from clawfleet.models.providers.failures import CallFailed, Site
from clawfleet.models.providers.http import ErrorInStream
from clawfleet.models.providers.openai_completions import Decoder, encode
from clawfleet.models.providers.sse import SseParser

SITE = Site("lan", "m", "http://127.0.0.1:8317/v1")


def line(**chunk: Any) -> str:
    """One event as a server writes it."""
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"


def said(finish: str | None = None, **delta: Any) -> str:
    """One event with a delta."""
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return line(**head, choices=[{"index": 0, "delta": delta, "finish_reason": finish}])


def piece(index: int | None, arguments: str, **opening: Any) -> dict[str, Any]:
    """One piece of a tool call; `opening` holds id and name."""
    function = {"arguments": arguments} | ({"name": opening["name"]} if "name" in opening else {})
    place = {} if index is None else {"index": index}
    return {**place, **({"id": opening["id"]} if "id" in opening else {}), "type": "function", "function": function}


USAGE = line(choices=[], usage={"prompt_tokens": 10, "completion_tokens": 4, "total_tokens": 14})
DONE = "data: [DONE]\n\n"
TEXT = "Gr\u00fc\u00dfe\u2028\u2029\u0085\U0001f44b\U0001f3fd \u4e16\u754c"
LS = ToolCall("call_1", "exec", '{"command": "ls \u00fc"}')

# Each server's way of saying the same thing: bytes, and what they mean: (text, reasoning, calls, stop, usage).
Meaning = tuple[str, str, list[ToolCall], str, Usage]
DIALECTS: dict[str, tuple[str, Meaning]] = {
    "openai": (
        said(role="assistant", content="") + said(content=TEXT) + said("stop") + USAGE + DONE,
        (TEXT, "", [], "stop", Usage(10, 4)),
    ),
    "keep-alive comments and event names": (
        ": OPENROUTER PROCESSING\n\n" + said(content="a") + "event: ping\n\n: x\n\n" + said("stop", content="b") + DONE,
        ("ab", "", [], "stop", Usage()),
    ),
    "without an end mark": (said(content=TEXT) + said("stop"), (TEXT, "", [], "stop", Usage())),
    "without a finish reason": (said(content=TEXT) + DONE, (TEXT, "", [], "stop", Usage())),
    "without a last blank line": ((said(content="x") + said("length"))[:-1], ("x", "", [], "length", Usage())),
    "usage on the choice": (
        line(choices=[{"delta": {"content": "x"}, "finish_reason": "stop", "usage": {"prompt_tokens": 3}}]) + DONE,
        ("x", "", [], "stop", Usage(3)),
    ),
    "usage null on each chunk": (
        line(choices=[{"delta": {"content": "x"}}], usage=None) + line(choices=[], usage=None) + said("stop") + DONE,
        ("x", "", [], "stop", Usage()),
    ),
    "whole message": (
        line(choices=[{"message": {"role": "assistant", "content": "whole"}, "finish_reason": "stop"}]) + DONE,
        ("whole", "", [], "stop", Usage()),
    ),
    "reasoning in a field": (
        said(reasoning_content="hm \U0001f914") + said(content="x") + said("stop") + DONE,
        ("x", "hm \U0001f914", [], "stop", Usage()),
    ),
    "reasoning in tags": (
        said(content="<th") + said(content="ink>hm</thi") + said(content="nk>\n\nx") + said("stop") + DONE,
        ("x", "hm", [], "stop", Usage()),
    ),
    "reasoning details": (
        said(reasoning="hm", reasoning_details=[{"type": "reasoning.text", "text": "hm"}]) + said("stop") + DONE,
        ("", "hm", [], "stop", Usage()),
    ),
    "character halves": (
        'data: {"choices":[{"delta":{"content":"\\ud83d"}}]}\n\ndata: {"choices":[{"delta":{"content":"\\ude00"}}]}\n\n'
        + said("stop"),
        ("\U0001f600", "", [], "stop", Usage()),
    ),
    "refusal": (said(refusal="I will not.") + said("stop") + DONE, ("I will not.", "", [], "stop", Usage())),
    "tool call in pieces": (
        said(tool_calls=[piece(0, "", id="call_1", name="exec")])
        + said(tool_calls=[piece(0, '{"command": ')])
        + said(tool_calls=[piece(0, '"ls \u00fc"}')])
        + said("tool_calls")
        + USAGE
        + DONE,
        ("", "", [LS], "toolUse", Usage(10, 4)),
    ),
    "two calls interleaved": (
        said(tool_calls=[piece(0, "", id="call_1", name="exec"), piece(1, "", id="call_2", name="read")])
        + said(tool_calls=[piece(1, '{"n"')])
        + said(tool_calls=[piece(0, '{"command": "ls ')])
        + said(tool_calls=[piece(1, ": 1}"), piece(0, '\u00fc"}')])
        + said("tool_calls"),
        ("", "", [LS, ToolCall("call_2", "read", '{"n": 1}')], "toolUse", Usage()),
    ),
    "ids instead of indexes": (
        said(tool_calls=[piece(None, '{"command": ', id="call_1", name="exec")])
        + said(tool_calls=[piece(None, '"ls \u00fc"}', id="call_1")])
        + said("tool_calls"),
        ("", "", [LS], "toolUse", Usage()),
    ),
    "stop with a call": (
        said(tool_calls=[piece(0, LS.arguments, id="call_1", name="exec")]) + said("stop") + DONE,
        ("", "", [LS], "toolUse", Usage()),
    ),
    "empty arguments": (
        said(content="now", tool_calls=[piece(0, "", id="call_1", name="exec")]) + said("tool_calls"),
        ("now", "", [ToolCall("call_1", "exec", "{}")], "toolUse", Usage()),
    ),
}
FAULTS: dict[str, tuple[str, str]] = {
    "cut between events": (said(content="x") + said(content="y"), "StreamCut"),
    "cut inside an event": ((said(content="x") + said("stop"))[:-10], "StreamCut"),
    "nothing at all": ("", "StreamCut"),
    "broken json": ("data: {oops}\n\n", "BadReply"),
    "broken arguments": (
        said(tool_calls=[piece(0, '{"command": "rm', id="c", name="exec")]) + said("tool_calls") + DONE,
        "MalformedCall",
    ),
    "error object": (said(content="x") + line(error={"code": 500, "message": "boom"}), "ErrorInStream"),
    "content filter": (said(content="x") + said("content_filter") + DONE, "AnswerRefused"),
}


def read(stream: bytes, cuts: list[int]) -> list[Event]:
    """The events of a stream that the network cuts at `cuts`."""
    parser, decoder, events = SseParser(), Decoder(SITE), []
    edges = [0, *cuts, len(stream)]
    for begin, end in pairwise(edges):
        for data in parser.feed(stream[begin:end]):
            events += decoder.feed(data)
    for data in parser.close():
        events += decoder.feed(data)
    return events + decoder.close()


def meaning(events: list[Event]) -> Meaning:
    """What events say together."""
    last = events[-1]
    assert isinstance(last, Finished)
    return (
        "".join(event.text for event in events if isinstance(event, TextDelta)),
        "".join(event.text for event in events if isinstance(event, ReasoningDelta)),
        [event.call for event in events if isinstance(event, ToolCalled)],
        last.stop_reason,
        last.usage,
    )


def with_crlf(stream: str) -> bytes:
    return stream.encode().replace(b"\n", b"\r\n")


@pytest.mark.parametrize("write", [str.encode, with_crlf], ids=["lf", "crlf"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_stream_means_the_same_at_every_cut(dialect: str, write: Callable[[str], bytes]) -> None:
    text, expected = DIALECTS[dialect]
    stream = write(text)
    for cut in range(len(stream) + 1):
        assert meaning(read(stream, [cut])) == expected
    assert meaning(read(stream, list(range(1, len(stream))))) == expected


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_stream_means_the_same_at_random_cuts(dialect: str) -> None:
    text, expected = DIALECTS[dialect]
    stream = text.encode()
    rng = random.Random(dialect)
    for _ in range(50):
        assert meaning(read(stream, sorted(rng.choices(range(len(stream)), k=8)))) == expected


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_the_same_fault_at_every_cut(fault: str) -> None:
    text, expected = FAULTS[fault]
    stream = text.encode()
    for cut in range(len(stream) + 1):
        with pytest.raises((CallFailed, ErrorInStream)) as caught:
            read(stream, [cut])
        assert type(caught.value).__name__ == expected


def test_a_stream_cut_off_anywhere_never_passes_for_whole() -> None:
    """Wherever a tool call's stream ends early, there is a failure or the whole call, never a part of it."""
    text, _ = DIALECTS["tool call in pieces"]
    stream = text.encode()
    for end in range(len(stream)):
        try:
            events = read(stream[:end], [])
        except CallFailed:
            continue
        assert [event.call for event in events if isinstance(event, ToolCalled)] == [LS]


@pytest.mark.parametrize("dialect", ["openai", "tool call in pieces", "two calls interleaved"])
def test_these_streams_are_what_the_official_client_reads(dialect: str) -> None:
    """The dialects above that claim to be OpenAI's own fit its published types."""
    for event in SseParser().feed(DIALECTS[dialect][0].encode()):
        if event != b"[DONE]" and json.loads(event)["choices"]:
            ChatCompletionChunk.model_validate_json(event)


ENDPOINTS = [
    Endpoint("openai", "https://api.openai.com/v1", reasoning=True, images=True, max_tokens=100),
    Endpoint("lan", "http://127.0.0.1:8317/v1"),
    Endpoint("mistral", "https://api.mistral.ai/v1", max_tokens=100, images=True),
    Endpoint("odd", "https://llm.example.com/v1", compat={"strictMessageKeys": True, "supportsTools": False}),
]


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=[endpoint.provider for endpoint in ENDPOINTS])
def test_requests_fit_the_published_types(endpoint: Endpoint) -> None:
    picture = Image("image/png", "iVBORw0KGgo=")
    conversation = (
        Message("system", "be brief"),
        Message("user", "look", images=(picture,)),
        Message("assistant", "first", tool_calls=(LS, ToolCall("call_2", "read", "{}"))),
        Message("tool", "out", images=(picture,), tool_call_id="call_1", tool_name="exec"),
        Message("tool", "", tool_call_id="call_2", tool_name="read", is_error=True),
        Message("user", "go on"),
    )
    tools = (ToolSpec("read", "Read"), ToolSpec("exec", "Run", {"type": "object", "properties": {}}))
    sampling = Sampling(temperature=0.5, top_p=1.0, seed=1, stop=("END",), response_format={"type": "json_object"})
    body = json.loads(json.dumps(encode(Request("m", conversation, tools, sampling), endpoint)))
    if endpoint.provider == "odd":  # its messages are deliberately poorer than the types ask for
        assert {key for message in body["messages"] for key in message} == {"role", "content"}
        body["messages"] = [message for message in body["messages"] if message["role"] != "tool"]
    checked = TypeAdapter(CompletionCreateParamsStreaming).validate_python(body, strict=True)
    assert set(checked) == set(body), "a key that the published types do not know"
    for message in checked["messages"]:  # checked while they are read
        assert message["role"]
