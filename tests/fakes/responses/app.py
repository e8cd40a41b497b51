"""A provider that speaks OpenAI's responses and does as it is told: POST /v1/responses, plain and streamed.

Source: the provider's API reference, checked with its own SDK as client; models-and-auth §4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from aiohttp import web

from tests.fakes.dialect import Heard, Refused, Reply, cut_up, event, quartered
from tests.fakes.speaker import make

SEAL = "sealed"


class Responses:
    """The dialect."""

    name = "openai-responses"
    probe_path = "/v1/responses"
    lines = False

    def key(self, headers: Mapping[str, str]) -> str | None:
        """`Authorization: Bearer`."""
        scheme, _, key = headers.get("Authorization", "").partition(" ")
        return key if scheme.lower() == "bearer" and key else None

    def hear(self, path: str, body: Any) -> Heard:
        """What a request says."""
        if path != "/v1/responses":
            raise Refused("no such address", 404)
        if not isinstance(body, dict) or not isinstance(body.get("model"), str):
            raise Refused("You must provide a model parameter.")
        given = body["input"]
        items = [{"role": "user", "content": given}] if isinstance(given, str) else given
        _check_items(items)
        spoken = [item for item in items if item.get("type", "message") == "message"]
        parts = [part for item in spoken if item["role"] != "assistant" for part in _parts(item["content"])]
        asked = [part for item in spoken if item["role"] == "user" for part in _parts(item["content"])]
        texts = [part["text"] for part in asked if part["type"] == "input_text"]
        results = tuple(_text(item["output"]) for item in _tail(items))
        nested = [part for item in items if "output" in item for part in _parts(item["output"])]
        return Heard(
            model=body["model"],
            streams=bool(body.get("stream")),
            text=texts[-1] if texts else "",
            words=sum(len(part["text"].split()) for part in parts if part["type"] == "input_text"),
            images=sum(part["type"] == "input_image" for part in [*asked, *nested]),
            results=results or None,
            tools=frozenset(tool["name"] for tool in body.get("tools") or []),
            thinks=bool(body.get("reasoning")),
        )

    def whole(self, reply: Reply) -> dict[str, Any]:
        """The body of an answer that is not streamed."""
        return _response(reply, _items(reply), is_done=True)

    def frames(self, reply: Reply) -> list[bytes]:
        """The events of a streamed one."""
        numbers = count()
        events = [
            ("response.created", {"response": _response(reply, [], is_done=False)}),
            *(found for index, item in enumerate(_items(reply)) for found in _events(reply, index, item)),
            (_end(reply), {"response": _response(reply, _items(reply), is_done=True)}),
        ]
        return [event({"type": kind, "sequence_number": next(numbers), **fields}, kind) for kind, fields in events]

    def error(self, status: int, message: str, kind: str = "") -> dict[str, Any]:
        """The body of an error; in the middle of a stream, too, it stands under `error`."""
        code = {400: None, 401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}
        return {"error": {"message": message, "type": kind or "server_error", "param": None,
                          "code": code.get(status, "server_error" if status == 500 else None)}}  # fmt: skip

    def unfinished(self, frames: list[bytes]) -> list[bytes]:
        """What comes before the end."""
        return frames[:-1]


def make_app() -> web.Application:
    """A fresh fake."""
    return make(Responses())


def _parts(content: Any) -> list[dict[str, Any]]:
    return [{"type": "input_text", "text": content}] if isinstance(content, str) else content


def _text(content: Any) -> str:
    return "".join(part["text"] for part in _parts(content) if part["type"] == "input_text")


def _tail(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The results that the input ends with."""
    start = len(items)
    while start and items[start - 1].get("type") == "function_call_output":
        start -= 1
    return items[start:]


def _check_items(items: list[dict[str, Any]]) -> None:
    """Results answer calls, calls are answered, seals are unbroken."""
    owed: set[str] = set()
    for item in items:
        match item.get("type", "message"):
            case "function_call":
                owed.add(item["call_id"])
            case "function_call_output":
                if item["call_id"] not in owed:
                    raise Refused(f"No tool call found for function call output with call_id {item['call_id']}.")
                owed.discard(item["call_id"])
            case "reasoning":
                if item.get("encrypted_content") != SEAL:
                    raise Refused("The encrypted content could not be verified.")
    if owed:
        raise Refused(f"No tool output found for function call {min(owed)}.")


def _items(reply: Reply) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    if reply.reasoning:
        summary = [{"type": "summary_text", "text": reply.reasoning}]
        items.append({"id": f"rs_{reply.id}", "type": "reasoning", "summary": summary, "encrypted_content": SEAL})
    if reply.text:
        content = [{"type": "output_text", "text": reply.text, "annotations": []}]
        items.append({"id": f"msg_{reply.id}", "type": "message", "role": "assistant", "status": "completed",
                      "content": content})  # fmt: skip
    for ident, name, arguments in reply.calls:
        items.append({"id": f"fc_{ident}", "type": "function_call", "call_id": ident, "name": name,
                      "arguments": arguments, "status": "completed"})  # fmt: skip
    return items


def _events(reply: Reply, index: int, item: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """How one item arrives."""
    place = {"item_id": item["id"], "output_index": index}
    blank: dict[str, dict[str, Any]] = {
        "reasoning": {"summary": [], "encrypted_content": None},
        "message": {"content": []},
        "function_call": {"arguments": ""},
    }
    yield "response.output_item.added", {"output_index": index, "item": item | blank[item["type"]]}
    if item["type"] == "reasoning":
        part = place | {"summary_index": 0}
        yield "response.reasoning_summary_part.added", part | {"part": {"type": "summary_text", "text": ""}}
        for piece in cut_up(reply.reasoning, reply.behaviour):
            yield "response.reasoning_summary_text.delta", part | {"delta": piece}
        yield "response.reasoning_summary_part.done", part | {"part": item["summary"][0]}
    elif item["type"] == "message":
        part = place | {"content_index": 0}
        empty_part = {"type": "output_text", "text": "", "annotations": []}
        yield "response.content_part.added", part | {"part": empty_part}
        for piece in cut_up(reply.text, reply.behaviour):
            yield "response.output_text.delta", part | {"delta": piece, "logprobs": []}
        yield "response.output_text.done", part | {"text": reply.text, "logprobs": []}
        yield "response.content_part.done", part | {"part": item["content"][0]}
    else:
        for piece in quartered(item["arguments"]):
            yield "response.function_call_arguments.delta", place | {"delta": piece}
        yield "response.function_call_arguments.done", place | {"arguments": item["arguments"], "name": item["name"]}
    yield "response.output_item.done", {"output_index": index, "item": item}


def _end(reply: Reply) -> str:
    return "response.incomplete" if reply.behaviour.finish_reason else "response.completed"


def _response(reply: Reply, output: list[dict[str, Any]], *, is_done: bool) -> dict[str, Any]:
    counted = reply.usage
    said, read = counted["output"] + counted["thought"], counted["input"] + counted["cached"]
    usage = {
        "input_tokens": read,
        "input_tokens_details": {"cached_tokens": counted["cached"]},
        "output_tokens": said,
        "output_tokens_details": {"reasoning_tokens": counted["thought"]},
        "total_tokens": read + said,
    }
    reason = {"length": "max_output_tokens"}.get(reply.behaviour.finish_reason, reply.behaviour.finish_reason)
    status = ("incomplete" if reason else "completed") if is_done else "in_progress"
    return {"id": f"resp_{reply.id}", "object": "response", "created_at": 1_700_000_000, "model": reply.heard.model,
            "status": status, "error": None, "incomplete_details": {"reason": reason} if reason and is_done else None,
            "output": output, "usage": usage if is_done else None, "parallel_tool_calls": True,
            "tool_choice": "auto", "tools": [], "instructions": None, "metadata": {}, "temperature": 1.0,
            "top_p": 1.0}  # fmt: skip
