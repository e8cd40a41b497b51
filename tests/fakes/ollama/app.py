"""A provider that speaks Ollama's own wire and does as it is told: POST /api/chat, GET /api/tags, POST /api/show.

Source: the provider's API reference, checked with its own Python client; models-and-auth §10.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from tests.fakes.dialect import Heard, Refused, Reply, cut_up
from tests.fakes.openai.app import DEFAULT_KEY
from tests.fakes.speaker import Speaker

MODELS: dict[str, dict[str, Any]] = {
    "fake-1": {"capabilities": ["completion", "tools"], "context": 8192},
    "fake-think": {"capabilities": ["completion", "tools", "thinking"], "context": 32768, "num_ctx": 65536},
    "fake-see": {"capabilities": ["completion", "vision"], "context": 4096},
    "fake-embed": {"capabilities": ["embedding"], "context": 2048},
}
WHEN = "2026-11-01T10:00:00.000000Z"


class Ollama:
    """The dialect."""

    name = "ollama"
    probe_path = "/api/tags"
    lines = True

    def key(self, headers: Mapping[str, str]) -> str | None:
        """`Authorization: Bearer`."""
        scheme, _, key = headers.get("Authorization", "").partition(" ")
        return key if scheme.lower() == "bearer" and key else None

    def hear(self, path: str, body: Any) -> Heard:
        """What a request says."""
        if path != "/api/chat":
            raise Refused("404 page not found", 404)
        if not isinstance(body, dict) or not body.get("model"):
            raise Refused("model is required")
        messages = body.get("messages") or []
        for message in messages:
            _check(message)
        asked = [message for message in messages if message["role"] == "user"]
        results: list[str] = []
        for message in reversed(messages):
            if message["role"] != "tool":
                break
            results.insert(0, message.get("content", ""))
        return Heard(
            model=body["model"],
            streams=body.get("stream", True) is not False,
            text=asked[-1].get("content", "") if asked else "",
            words=sum(
                len(message.get("content", "").split()) for message in messages if message["role"] != "assistant"
            ),
            images=sum(len(message.get("images") or ()) for message in messages),
            results=tuple(results) or None,
            tools=frozenset(tool["function"]["name"] for tool in body.get("tools") or []),
            thinks=bool(body.get("think")),
        )

    def whole(self, reply: Reply) -> dict[str, Any]:
        """The body of an answer that is not streamed."""
        thought = {"thinking": reply.reasoning} if reply.reasoning else {}
        calls = {"tool_calls": [_call(*each) for each in reply.calls]} if reply.calls else {}
        return _end(reply) | {"message": {"role": "assistant", "content": reply.text, **thought, **calls}}

    def frames(self, reply: Reply) -> list[bytes]:
        """The lines of a streamed one."""
        pieces = [{"content": "", "thinking": piece} for piece in cut_up(reply.reasoning, reply.behaviour)]
        pieces += [{"content": piece} for piece in cut_up(reply.text, reply.behaviour)]
        said = [_line({**_head(reply), "message": {"role": "assistant", **piece}, "done": False}) for piece in pieces]
        for each in reply.calls:
            message = {"role": "assistant", "content": "", "tool_calls": [_call(*each)]}
            said.append(_line({**_head(reply), "message": message, "done": False}))
        return [*said, _line(_end(reply) | {"message": {"role": "assistant", "content": ""}})]

    def error(self, status: int, message: str, kind: str = "") -> dict[str, Any]:
        """The body of an error; in the middle of a stream it is a line of its own."""
        return {"error": message}

    def unfinished(self, frames: list[bytes]) -> list[bytes]:
        """What comes before the end."""
        return frames[:-1]


def make_app(key: str | None = None) -> web.Application:
    """A fresh fake; it wants no key when `key` (else FAKE_KEY) is empty."""
    speaker = Speaker(Ollama(), os.environ.get("FAKE_KEY", DEFAULT_KEY) if key is None else key)

    async def tags(request: web.Request) -> web.Response:
        if refusal := _refusal(speaker, request):
            return refusal
        rows = [
            {"name": name, "model": name, "modified_at": WHEN, "size": 1, "digest": "d", "details": {}}
            for name in MODELS
        ]
        return web.json_response({"models": rows})

    async def show(request: web.Request) -> web.Response:
        if refusal := _refusal(speaker, request):
            return refusal
        asked = await request.json()
        row = MODELS.get(asked.get("model") or asked.get("name", ""))
        if row is None:
            return web.json_response({"error": f"model '{asked.get('model')}' not found"}, status=404)
        size = f'num_ctx                        {row["num_ctx"]}\nstop "x"' if "num_ctx" in row else ""
        info = {"general.architecture": "fake", "fake.context_length": row["context"]}
        return web.json_response(
            {"capabilities": row["capabilities"], "model_info": info, "parameters": size, "details": {}}
        )

    return speaker.app([web.get("/api/tags", tags), web.post("/api/show", show)])


def _refusal(speaker: Speaker, request: web.Request) -> web.Response | None:
    try:
        speaker.check_key(request)
    except Refused as refused:
        return web.json_response({"error": str(refused)}, status=refused.status)
    return None


def _check(message: Mapping[str, Any]) -> None:
    if message["role"] not in ("system", "user", "assistant", "tool"):
        raise Refused(f"invalid role: {message['role']}")
    if not isinstance(message.get("content", ""), str):
        raise Refused("json: cannot unmarshal array into Go struct field ChatRequest.messages.content of type string")
    for call in message.get("tool_calls") or ():
        if not isinstance(call["function"]["arguments"], dict):
            raise Refused("json: cannot unmarshal string into Go struct field .arguments")


def _head(reply: Reply) -> dict[str, Any]:
    return {"model": reply.heard.model, "created_at": WHEN}


def _end(reply: Reply) -> dict[str, Any]:
    reason = "length" if reply.behaviour.finish_reason == "length" else "stop"
    counts = {"prompt_eval_count": reply.usage["input"], "eval_count": reply.usage["output"] + reply.usage["thought"]}
    return {**_head(reply), "done": True, "done_reason": reason, "total_duration": 1, **counts}


def _call(ident: str, name: str, arguments: str) -> dict[str, Any]:
    try:
        given = json.loads(arguments)
    except ValueError:
        given = arguments  # told to be broken
    return {"id": ident, "function": {"name": name, "arguments": given}}


def _line(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode() + b"\n"
