"""Answers in the shapes of the OpenAI API: whole bodies, stream frames. Pure.

Source: the provider's API reference, checked with its own SDK as client; models-and-auth §4.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.fakes.openai.behaviours import Behaviour, text_of

DONE = b"data: [DONE]\n\n"
BYTES_A_PIECE = 3


@dataclass(frozen=True)
class Head:
    """What every frame of one answer repeats."""

    id: str
    created: int
    model: str
    with_usage: bool


def model_row(name: str) -> dict[str, Any]:
    """One row of /v1/models."""
    return {"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "fake"}


def usage(body: dict[str, Any], behaviour: Behaviour) -> dict[str, Any]:
    """Token counts: a word is a token, an image is a hundred."""
    prompt = sum(len(text_of(message).split()) for message in body["messages"])
    contents = [message["content"] for message in body["messages"] if isinstance(message.get("content"), list)]
    prompt += 100 * sum(part["type"] == "image_url" for content in contents for part in content)
    reasoning = len(behaviour.reasoning.split())
    completion = (
        len((behaviour.text or "").split())
        + reasoning
        + (behaviour.at_once * (len(behaviour.arguments) // 4) if behaviour.tool else 0)
    )
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": behaviour.cached},
        "completion_tokens_details": {"reasoning_tokens": reasoning},
    }


def completion(head: Head, behaviour: Behaviour, counted: dict[str, Any]) -> dict[str, Any]:
    """The body of an answer that is not streamed."""
    message: dict[str, Any] = {"role": "assistant", "content": behaviour.text, "refusal": None}
    if behaviour.reasoning:
        message["reasoning_content"] = behaviour.reasoning
    if behaviour.tool:
        message["tool_calls"] = [_tool_call(head, behaviour, number) for number in range(behaviour.at_once)]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _finish(behaviour)}
    shared = {"id": head.id, "object": "chat.completion", "created": head.created, "model": head.model}
    return shared | {"choices": [choice], "usage": counted}


def frames(head: Head, behaviour: Behaviour, counted: dict[str, Any]) -> Iterator[bytes]:
    """All frames of a streamed answer up to `[DONE]`: role, reasoning, text, tool call, finish, usage."""
    yield _delta(head, {"role": "assistant", "content": ""})
    for piece in _split(behaviour.reasoning, behaviour):
        yield _delta(head, {"reasoning_content": piece})
    for piece in _split(behaviour.text or "", behaviour):
        yield _delta(head, {"content": piece})
    if behaviour.tool:
        yield from _tool_deltas(head, behaviour)
    yield _delta(head, {}, finish=_finish(behaviour))
    if head.with_usage:
        yield _frame(_chunk(head) | {"choices": [], "usage": counted})
    yield DONE


def error_frame(error: dict[str, Any]) -> bytes:
    """An error in the middle of a stream."""
    return _frame({"error": error})


def in_small_pieces(data: bytes) -> Iterator[bytes]:
    """The bytes three at a time, so that cuts go through characters and through frames."""
    for start in range(0, len(data), BYTES_A_PIECE):
        yield data[start : start + BYTES_A_PIECE]


def _split(text: str, behaviour: Behaviour) -> list[str]:
    if not text:
        return []
    return re.findall(r"\s*\S+\s*$|\s*\S+", text) if behaviour.pieces == "words" else [text]


def _tool_call(head: Head, behaviour: Behaviour, number: int = 0) -> dict[str, Any]:
    function = {"name": behaviour.tool, "arguments": behaviour.arguments}
    return {"id": f"call_{head.id[-8:]}{number or ''}", "type": "function", "function": function}


def _tool_deltas(head: Head, behaviour: Behaviour) -> Iterator[bytes]:
    """Id and name first, then the arguments in pieces that are no JSON by themselves; several calls take turns."""
    numbers = range(behaviour.at_once)
    for number in numbers:
        call = _tool_call(head, behaviour, number)
        opened = call | {"index": number, "function": {"name": behaviour.tool, "arguments": ""}}
        yield _delta(head, {"tool_calls": [opened]})
    step = max(1, len(behaviour.arguments) // 4)
    for start in range(0, len(behaviour.arguments), step):
        piece = behaviour.arguments[start : start + step]
        for number in numbers:
            yield _delta(head, {"tool_calls": [{"index": number, "function": {"arguments": piece}}]})


def _finish(behaviour: Behaviour) -> str:
    return behaviour.finish_reason or ("tool_calls" if behaviour.tool else "stop")


def _chunk(head: Head) -> dict[str, Any]:
    chunk = {"id": head.id, "object": "chat.completion.chunk", "created": head.created, "model": head.model}
    return chunk | ({"usage": None} if head.with_usage else {})


def _delta(head: Head, delta: dict[str, Any], *, finish: str | None = None) -> bytes:
    return _frame(_chunk(head) | {"choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]})


def _frame(content: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(content, ensure_ascii=False).encode() + b"\n\n"
