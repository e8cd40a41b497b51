"""What the fake provider does with a request: chosen by the model's name, or by the next entry of the script.

Pure: a behaviour says what to answer; `wire` puts it into frames and `app` sends them.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

Ending = Literal["done", "cut", "stall", "error"]
Pieces = Literal["words", "whole", "bytes"]

HUGE_CHARS = 1_000_000
UNICODE_TEXT = "Grüße, 世界 👋🏽 – здравствуй, नमस्ते 🧑‍🚀"
SESSION = re.compile(r"\(session ([a-z0-9-]+)")
COMMANDS = (re.compile(r"`([^`]+)`"), re.compile(r"\brun:?\s+(.+)", re.IGNORECASE | re.DOTALL))


@dataclass(frozen=True)
class Behaviour:
    """One answer. `text` None echoes the user; `tool` names the function to call with `arguments` (a JSON text).

    `pieces` is how the text is cut for streaming (`bytes`: three bytes of the stream at a time, through characters),
    `piece_ms` the pause between pieces. `ending` is what comes after the last piece; `cut` ends half way.
    `at_once` is how many times the tool is called in one answer, `cached` how many tokens came from a cache.
    With `waits` the second half of a streamed answer comes when the test says so.
    With `goes_on` it also calls its tool when a tool has just answered, and whether or not it was given it; `$session`
    in its arguments is the background command that a result named last.
    A `status` of 400 or more answers `error` with `headers` instead. `raw` is sent as the body, or as the stream.
    """

    text: str | None = None
    reasoning: str = ""
    tool: str = ""
    arguments: str = "{}"
    finish_reason: str = ""
    pieces: Pieces = "words"
    piece_ms: int = 0
    ending: Ending = "done"
    status: int = 200
    error: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    raw: str = ""
    at_once: int = 1
    cached: int = 0
    waits: bool = False
    goes_on: bool = False


def _failure(status: int, message: str, kind: str, code: str | None, **headers: str) -> Behaviour:
    error = {"message": message, "type": kind, "param": None, "code": code}
    return Behaviour(
        status=status, error=error, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


_RATE_LIMIT = ("Rate limit reached for requests per minute.", "requests", "rate_limit_exceeded")

NAMED: dict[str, Behaviour] = {
    "fake-1": Behaviour(),
    "fake-vision": Behaviour(),
    "fake-tool": Behaviour(tool="exec"),
    "fake-parallel": Behaviour(tool="exec", at_once=2),
    "fake-think": Behaviour(reasoning="Let me think about it."),
    "fake-think-tool": Behaviour(tool="exec", reasoning="I must look."),
    "fake-cached": Behaviour(text="Known.", cached=3),
    "fast": Behaviour(text="A fast answer.", pieces="whole"),
    "slow": Behaviour(piece_ms=100),
    "unicode": Behaviour(text=UNICODE_TEXT, pieces="bytes", piece_ms=1),
    "huge": Behaviour(text="0123456789 " * (HUGE_CHARS // 11 + 1)),
    "empty": Behaviour(text=""),
    "length": Behaviour(text="This answer is cut at its token", finish_reason="length"),
    "stall": Behaviour(text="", ending="stall"),
    "stall-midway": Behaviour(text="This answer stops half way and never goes on.", ending="stall"),
    "cut": Behaviour(text="This answer loses its connection half way to the end.", ending="cut"),
    "error-midway": Behaviour(
        text="This answer ends with", ending="error", error={"message": "The server failed.", "code": 500}
    ),
    "bad-json": Behaviour(raw='{"id": "chatcmpl-1", "choices": [{"delta": {"content": '),
    "bad-tool": Behaviour(tool="exec", arguments='{"command": "ls'),
    "fail-400": _failure(400, "The request is not one I can read.", "invalid_request_error", None),
    "fail-context": _failure(
        400,
        "This model's maximum context length is 8192 tokens; your messages have 9000.",
        "invalid_request_error",
        "context_length_exceeded",
    ),
    "fail-401": _failure(401, "Incorrect API key provided.", "invalid_request_error", "invalid_api_key"),
    "fail-402": _failure(402, "Payment required: insufficient credits.", "insufficient_quota", "insufficient_quota"),
    "fail-403": _failure(403, "This key may not use the model.", "permission_error", None),
    "fail-408": _failure(408, "The request timed out.", "timeout_error", None),
    "fail-429": _failure(429, *_RATE_LIMIT, Retry_After="7"),
    "fail-429-no-hint": _failure(429, *_RATE_LIMIT),
    "fail-500": _failure(500, "The server had an error while processing your request.", "server_error", None),
    "fail-529": _failure(529, "Overloaded.", "overloaded_error", None),
    "fail-html": Behaviour(status=502, headers={"Content-Type": "text/html"}, raw="<html><h1>Bad gateway</h1></html>"),
}


def scripted(entry: dict[str, Any]) -> Behaviour:
    """The behaviour of one script entry: fields of `Behaviour`, and `like` to start from a named one.

    Raises ValueError for a field or a name that does not exist.
    """
    given = dict(entry)
    like = given.pop("like", "fake-1")
    if like not in NAMED:
        raise ValueError(f"no behaviour is named {like!r}")
    if unknown := set(given) - {known.name for known in fields(Behaviour)}:
        raise ValueError(f"no such field: {', '.join(sorted(unknown))}")
    return replace(NAMED[like], **given)


def settled(behaviour: Behaviour, body: dict[str, Any]) -> Behaviour:
    """The behaviour with its open ends closed by the request: what to echo, which command to run, what a tool said."""
    messages = body["messages"]
    if behaviour.tool:
        return _settled_call(behaviour, body, messages)
    if behaviour.text is None:
        return replace(behaviour, text=f"You said: {last_user_text(messages)}{_images(messages)}")
    return behaviour


def _settled_call(behaviour: Behaviour, body: dict[str, Any], messages: list[dict[str, Any]]) -> Behaviour:
    if behaviour.goes_on:
        return replace(behaviour, arguments=behaviour.arguments.replace("$session", session_in(messages)))
    if messages[-1]["role"] == "tool":
        return replace(behaviour, tool="", text=f"The tool said: {text_of(messages[-1])}")
    if behaviour.tool not in tool_names(body):
        return replace(behaviour, tool="", text=f"I was given no tool named {behaviour.tool}.")
    if behaviour.arguments == "{}":
        return replace(behaviour, arguments=json.dumps({"command": command_in(last_user_text(messages))}))
    return behaviour


def session_in(messages: list[dict[str, Any]]) -> str:
    """The background command that a tool's result named last."""
    found = [SESSION.search(text_of(message)) for message in messages if message["role"] == "tool"]
    return next((match[1] for match in reversed(found) if match), "")


def text_of(message: dict[str, Any]) -> str:
    """The text of a message, whether a string or a list of parts."""
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content if part["type"] == "text")


def last_user_text(messages: list[dict[str, Any]]) -> str:
    """The text of the newest user message; empty when there is none."""
    return next((text_of(message) for message in reversed(messages) if message["role"] == "user"), "")


def command_in(text: str) -> str:
    """The command that a user's words hold: in backticks, after `run`, or all of them."""
    found = next((match for pattern in COMMANDS if (match := pattern.search(text))), None)
    return (found.group(1) if found else text).strip()


def tool_names(body: dict[str, Any]) -> set[str]:
    """The functions that a request offers."""
    return {tool["function"]["name"] for tool in body.get("tools") or []}


def _images(messages: list[dict[str, Any]]) -> str:
    contents = [message["content"] for message in messages if isinstance(message.get("content"), list)]
    count = sum(part["type"] == "image_url" for content in contents for part in content)
    return f" [{count} image{'s' if count > 1 else ''}]" if count else ""
