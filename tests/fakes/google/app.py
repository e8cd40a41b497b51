"""A provider that speaks Google's generateContent and does as it is told, plain and streamed.

POST /v1beta/models/{id}:generateContent and :streamGenerateContent?alt=sse.
Source: the provider's API reference, checked with its own SDK as client; models-and-auth §4.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from tests.fakes.dialect import Heard, Refused, Reply, cut_up, event
from tests.fakes.speaker import make

SEAL = "c2VhbGVk"
PATH = re.compile(r"/v1(?:beta)?/models/(?P<model>.+):(?P<verb>generateContent|streamGenerateContent)")
STATUSES = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
            408: "DEADLINE_EXCEEDED", 429: "RESOURCE_EXHAUSTED", 529: "UNAVAILABLE"}  # fmt: skip


class Google:
    """The dialect."""

    name = "google-generative-ai"
    probe_path = "/v1beta/models/fake-1:generateContent"
    lines = False

    def key(self, headers: Mapping[str, str]) -> str | None:
        """`x-goog-api-key`."""
        return headers.get("x-goog-api-key")

    def hear(self, path: str, body: Any) -> Heard:
        """What a request says."""
        found = PATH.fullmatch(path)
        if found is None:
            raise Refused("no such address", 404)
        if not isinstance(body, dict) or not body.get("contents"):
            raise Refused("contents is not specified")
        contents = body["contents"]
        thinking = (body.get("generationConfig") or {}).get("thinkingConfig") or {}
        thinks = bool(thinking.get("includeThoughts") or thinking.get("include_thoughts"))
        _check_calls(contents, thinks)
        parts = [part for content in contents if content["role"] == "user" for part in content["parts"]]
        texts = [part["text"] for part in parts if "text" in part]
        system = [part["text"] for part in (body.get("systemInstruction") or {}).get("parts", [])]
        last = [part["functionResponse"]["response"] for part in contents[-1]["parts"] if "functionResponse" in part]
        declared = [name for tool in body.get("tools") or [] for name in tool["functionDeclarations"]]
        return Heard(
            model=found["model"],
            streams=found["verb"] == "streamGenerateContent",
            text=texts[-1] if texts else "",
            words=sum(len(text.split()) for text in [*system, *texts]),
            images=sum("inlineData" in part for part in parts),
            results=tuple(str(said.get("output") or said.get("error")) for said in last) or None,
            tools=frozenset(tool["name"] for tool in declared),
            thinks=thinks,
        )

    def whole(self, reply: Reply) -> dict[str, Any]:
        """The body of an answer that is not streamed."""
        return _chunk(reply, _parts(reply, whole=True), _finish(reply))

    def frames(self, reply: Reply) -> list[bytes]:
        """The chunks of a streamed one; the last one ends it."""
        chunks = [event(_chunk(reply, [part])) for part in _parts(reply, whole=False)]
        return [*chunks, event(_chunk(reply, [], _finish(reply)))]

    def error(self, status: int, message: str, kind: str = "") -> dict[str, Any]:
        """The body of an error, and a chunk in the middle of a stream."""
        return {"error": {"code": status, "message": message, "status": STATUSES.get(status, "INTERNAL")}}

    def unfinished(self, frames: list[bytes]) -> list[bytes]:
        """What comes before the end."""
        return frames[:-1]


def make_app() -> web.Application:
    """A fresh fake."""
    return make(Google())


def _check_calls(contents: list[dict[str, Any]], thinks: bool) -> None:
    """Results answer the calls before them; the seals of the newest turn come back."""
    if contents[0]["role"] != "user":
        raise Refused("Please ensure that the conversation begins with a user turn")
    for before, content in zip([{"parts": []}, *contents], contents, strict=False):
        answers = [part["functionResponse"]["name"] for part in content["parts"] if "functionResponse" in part]
        calls = [part for part in before["parts"] if "functionCall" in part]
        if answers != [part["functionCall"]["name"] for part in calls]:
            raise Refused("the number of function response parts must equal that of the function call parts")
        if thinks and calls and content is contents[-1] and calls[0].get("thoughtSignature") != SEAL:
            raise Refused("Function call is missing a thought_signature")


def _parts(reply: Reply, *, whole: bool) -> list[dict[str, Any]]:
    def pieces(text: str) -> list[str]:
        return [text] if whole and text else cut_up(text, reply.behaviour)

    sealed = {"thoughtSignature": SEAL} if reply.heard.thinks else {}
    calls: list[dict[str, Any]] = [
        {"functionCall": {"name": name, "args": json.loads(args)}} for _, name, args in reply.calls
    ]
    if calls:
        calls[0] |= sealed
    thought: list[dict[str, Any]] = [{"text": piece, "thought": True} for piece in pieces(reply.reasoning)]
    return [*thought, *({"text": piece} for piece in pieces(reply.text)), *calls]


def _finish(reply: Reply) -> str:
    given = reply.behaviour.finish_reason
    return {"": "STOP", "length": "MAX_TOKENS"}.get(given, given)


def _chunk(reply: Reply, parts: list[dict[str, Any]], finish: str | None = None) -> dict[str, Any]:
    counted = reply.usage
    usage = {"promptTokenCount": counted["input"] + counted["cached"], "candidatesTokenCount": counted["output"]}
    if counted["cached"]:
        usage["cachedContentTokenCount"] = counted["cached"]
    if counted["thought"]:
        usage["thoughtsTokenCount"] = counted["thought"]
    usage["totalTokenCount"] = counted["input"] + counted["output"] + counted["thought"] + counted["cached"]
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    ident = {"modelVersion": reply.heard.model, "responseId": reply.id}
    return {"candidates": [candidate], "usageMetadata": usage, **ident}
