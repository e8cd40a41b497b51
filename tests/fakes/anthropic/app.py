"""A provider that speaks Anthropic's messages and does as it is told: POST /v1/messages, plain and streamed.

Source: the provider's API reference, checked with its own SDK as client; models-and-auth §4.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from tests.fakes.dialect import Heard, Refused, Reply, cut_up, event, quartered
from tests.fakes.speaker import make

SEAL = "c2VhbGVk"
KINDS = {400: "invalid_request_error", 401: "authentication_error", 402: "billing_error", 403: "permission_error",
         404: "not_found_error", 408: "timeout_error", 429: "rate_limit_error", 529: "overloaded_error"}  # fmt: skip


class Anthropic:
    """The dialect."""

    name = "anthropic-messages"
    probe_path = "/v1/messages"
    lines = False

    def key(self, headers: Mapping[str, str]) -> str | None:
        """`x-api-key`, or a bearer as newer clients have it; either beside the version of the wire."""
        bearer = headers.get("Authorization", "").removeprefix("Bearer ")
        return headers.get("x-api-key") or bearer or None if headers.get("anthropic-version") else None

    def hear(self, path: str, body: Any) -> Heard:
        """What a request says."""
        _want(path == "/v1/messages", "no such address", 404)
        _want(isinstance(body, dict) and isinstance(body.get("model"), str), "model: field required")
        _want(isinstance(body.get("max_tokens"), int), "max_tokens: field required")
        messages = [{**message, "content": _blocks(message["content"])} for message in body["messages"]]
        _want(bool(messages) and messages[0]["role"] == "user", "messages: first message must use the user role")
        thinking = body.get("thinking") or {}
        _check_results(messages)
        _check_thinking(messages, thinking, body["max_tokens"])
        said = [block for message in messages if message["role"] == "user" for block in message["content"]]
        texts = [block for block in said if block["type"] == "text"]
        results = tuple(_text(block) for block in messages[-1]["content"] if block["type"] == "tool_result")
        nested = [part for block in said if block["type"] == "tool_result" for part in _blocks(block["content"])]
        return Heard(
            model=body["model"],
            streams=bool(body.get("stream")),
            text=texts[-1]["text"] if texts else "",
            words=sum(len(block["text"].split()) for block in [*_blocks(body.get("system") or []), *texts]),
            images=sum(block["type"] == "image" for block in [*said, *nested]),
            results=results or None,
            tools=frozenset(tool["name"] for tool in body.get("tools") or []),
            thinks=thinking.get("type") in ("enabled", "adaptive"),
        )

    def whole(self, reply: Reply) -> dict[str, Any]:
        """The body of an answer that is not streamed."""
        content = [_full(kind, value) for kind, value in _content(reply)]
        return _message(reply, content, _stop(reply)) | {"usage": _usage(reply)}

    def frames(self, reply: Reply) -> list[bytes]:
        """The events of a streamed one."""
        first = _message(reply, [], None) | {"usage": _usage(reply) | {"output_tokens": 1}}
        frames = [_event("message_start", message=first), _event("ping")]
        calls = [(index, value) for index, (kind, value) in enumerate(_content(reply)) if kind == "tool_use"]
        for index, (kind, value) in enumerate(_content(reply)):
            if kind == "tool_use":
                continue
            frames.append(_event("content_block_start", index=index, content_block=_empty(kind)))
            for piece in cut_up(value, reply.behaviour):
                grown = {"type": f"{kind}_delta", kind: piece}
                frames.append(_event("content_block_delta", index=index, delta=grown))
            if kind == "thinking":
                seal = {"type": "signature_delta", "signature": SEAL}
                frames.append(_event("content_block_delta", index=index, delta=seal))
            frames.append(_event("content_block_stop", index=index))
        for index, (ident, name, arguments) in calls:
            block = {"type": "tool_use", "id": ident, "name": name, "input": {}}
            frames.append(_event("content_block_start", index=index, content_block=block))
            for piece in quartered(arguments):
                delta = {"type": "input_json_delta", "partial_json": piece}
                frames.append(_event("content_block_delta", index=index, delta=delta))
            frames.append(_event("content_block_stop", index=index))
        ending = {"stop_reason": _stop(reply), "stop_sequence": None}
        return [*frames, _event("message_delta", delta=ending, usage=_usage(reply)), _event("message_stop")]

    def error(self, status: int, message: str, kind: str = "") -> dict[str, Any]:
        """The body of an error, and an event in the middle of a stream."""
        return {"type": "error", "error": {"type": KINDS.get(status, "api_error"), "message": message}}

    def unfinished(self, frames: list[bytes]) -> list[bytes]:
        """What comes before the end."""
        return frames[:-2]


def make_app() -> web.Application:
    """A fresh fake."""
    return make(Anthropic())


def _want(holds: bool, message: str, status: int = 400) -> None:
    if not holds:
        raise Refused(message, status)


def _blocks(content: Any) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = [{"type": "text", "text": content}] if isinstance(content, str) else content
    _want(all(block.get("text") != "" for block in blocks if block["type"] == "text"), "text must be non-empty")
    return blocks


def _text(block: dict[str, Any]) -> str:
    return "".join(part["text"] for part in _blocks(block["content"]) if part["type"] == "text")


def _check_results(messages: list[dict[str, Any]]) -> None:
    """Every call is answered in the very next message, every result answers a call, ids are used once."""
    owed: set[str] = set()
    used: set[str] = set()
    for message in messages:
        answered = {block["tool_use_id"] for block in message["content"] if block["type"] == "tool_result"}
        _want(answered == owed, "tool_use ids were found without tool_result blocks immediately after")
        owed = {block["id"] for block in message["content"] if block["type"] == "tool_use"}
        _want(not owed & used, "tool_use ids must be unique")
        used |= owed
    _want(not owed, "tool_use ids were found without tool_result blocks immediately after")


def _check_thinking(messages: list[dict[str, Any]], thinking: dict[str, Any], limit: int) -> None:
    seals = [block["signature"] for message in messages for block in message["content"] if block["type"] == "thinking"]
    _want(all(seal == SEAL for seal in seals), "Invalid signature in thinking block")
    if thinking.get("type") != "enabled":
        return
    _want(1024 <= thinking["budget_tokens"] < limit, "max_tokens must be greater than thinking.budget_tokens")
    if messages[-1]["content"][0]["type"] == "tool_result":
        _want(messages[-2]["content"][0]["type"] == "thinking", "Expected thinking, but found tool_use")


def _content(reply: Reply) -> list[tuple[str, Any]]:
    thought = [("thinking", reply.reasoning)] if reply.reasoning else []
    text = [("text", reply.text)] if reply.text else []
    return [*thought, *text, *(("tool_use", call) for call in reply.calls)]


def _empty(kind: str) -> dict[str, Any]:
    return {"type": "text", "text": ""} if kind == "text" else {"type": "thinking", "thinking": "", "signature": ""}


def _full(kind: str, value: Any) -> dict[str, Any]:
    if kind == "text":
        return {"type": "text", "text": value}
    if kind == "thinking":
        return {"type": "thinking", "thinking": value, "signature": SEAL}
    return {"type": "tool_use", "id": value[0], "name": value[1], "input": json.loads(value[2])}


def _stop(reply: Reply) -> str:
    if reply.behaviour.finish_reason == "length":
        return "max_tokens"
    return reply.behaviour.finish_reason or ("tool_use" if reply.calls else "end_turn")


def _usage(reply: Reply) -> dict[str, int]:
    counted = reply.usage
    return {
        "input_tokens": counted["input"],
        "output_tokens": counted["output"] + counted["thought"],
        "cache_read_input_tokens": counted["cached"],
        "cache_creation_input_tokens": 0,
    }


def _message(reply: Reply, content: list[dict[str, Any]], stop: str | None) -> dict[str, Any]:
    return {"id": f"msg_{reply.id}", "type": "message", "role": "assistant", "model": reply.heard.model,
            "content": content, "stop_reason": stop, "stop_sequence": None}  # fmt: skip


def _event(kind: str, **fields: Any) -> bytes:
    return event({"type": kind, **fields}, kind)
