"""What the provider refuses: requests whose shape the real one would answer with 400. Pure."""

from __future__ import annotations

import base64
import binascii
from typing import Any

ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})


class Refused(Exception):
    """The request gets an error in OpenAI's form; `param` is the place of the fault."""

    def __init__(self, message: str, param: str | None = None, *, status: int = 400, code: str | None = None) -> None:
        super().__init__(message)
        self.param = param
        self.status = status
        self.code = code

    def body(self) -> dict[str, Any]:
        """The body of the answer."""
        error = {"message": str(self), "type": "invalid_request_error", "param": self.param, "code": self.code}
        return {"error": error}


def check_request(body: Any) -> dict[str, Any]:
    """The body, when it is a chat completion request that a provider would take. Raises Refused."""
    if not isinstance(body, dict):
        raise Refused("The body must be a JSON object.")
    if not isinstance(body.get("model"), str):
        raise Refused("You must provide a model parameter.", "model")
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise Refused("messages must be a list with at least one message.", "messages")
    for index, message in enumerate(messages):
        _check_message(message, f"messages[{index}]")
    _check_tool_answers(messages)
    _check_tools(body.get("tools"))
    if body.get("stream_options") is not None and not body.get("stream"):
        raise Refused("stream_options is only allowed when stream is true.", "stream_options")
    return body


def _check_message(message: Any, param: str) -> None:
    if not isinstance(message, dict) or message.get("role") not in ROLES:
        raise Refused(f"{param}.role must be one of {', '.join(sorted(ROLES))}.", f"{param}.role")
    content = message.get("content")
    if content is None:
        if not message.get("tool_calls"):
            raise Refused(f"{param}.content may only be null beside tool_calls.", f"{param}.content")
    elif isinstance(content, list):
        for index, part in enumerate(content):
            _check_part(part, f"{param}.content[{index}]")
    elif not isinstance(content, str):
        raise Refused(f"{param}.content must be a string or a list of parts.", f"{param}.content")


def _check_part(part: Any, param: str) -> None:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind == "text" and isinstance(part.get("text"), str):
        return
    if kind != "image_url":
        raise Refused(f"{param} is neither text nor image_url.", param)
    url = part.get("image_url", {}).get("url", "")
    head, _, data = url.partition(",")
    if url.startswith(("http://", "https://")):
        return
    if not head.startswith("data:image/") or not head.endswith(";base64"):
        raise Refused("Invalid image URL: expected https or a base64 data URL.", f"{param}.image_url")
    try:
        base64.b64decode(data, validate=True)
    except binascii.Error:
        raise Refused("Invalid base64 image data.", f"{param}.image_url") from None


def _check_tool_answers(messages: list[dict[str, Any]]) -> None:
    """Each tool call is answered by exactly one tool message before anybody else speaks."""
    open_calls: set[str] = set()
    for index, message in enumerate(messages):
        param = f"messages[{index}]"
        if message["role"] == "tool":
            if message.get("tool_call_id") not in open_calls:
                raise Refused(f"{param}: role tool must answer a preceding tool call.", f"{param}.role")
            open_calls.discard(message["tool_call_id"])
            continue
        if open_calls:
            raise Refused(f"{param}: tool calls {', '.join(sorted(open_calls))} were not answered.", param)
        open_calls = {call["id"] for call in message.get("tool_calls") or []}
    if open_calls:
        raise Refused(f"Tool calls {', '.join(sorted(open_calls))} were not answered.", "messages")


def _check_tools(tools: Any) -> None:
    for index, tool in enumerate(tools or []):
        function = tool.get("function") if isinstance(tool, dict) and tool.get("type") == "function" else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            raise Refused(f"tools[{index}] must be a function with a name.", f"tools[{index}]")
