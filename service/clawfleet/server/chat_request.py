"""Reading a chat completions request: whom it is for, what was said, how to answer. Pure. Source: http-and-web §6."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from clawfleet.core.errors import RequestError
from clawfleet.core.messages import Image, Message, Role, ToolCall, ToolSpec
from clawfleet.core.text import read_json
from clawfleet.models.providers.base import Sampling

TARGET = re.compile(
    r"(?:openclaw(?:[/:](?P<id>[a-z0-9][a-z0-9_-]{0,63}))?|agent:(?P<agent>[a-z0-9][a-z0-9_-]{0,63}))", re.I
)
DATA_URL = re.compile(r"data:(?P<type>image/(?:jpeg|png|gif|webp|heic|heif));base64,(?P<data>[A-Za-z0-9+/=\s]+)")
MAX_IMAGES = 8
MAX_IMAGE_CHARS = 14_000_000
"""10 MiB of picture as base64."""

RESERVED_SESSIONS = ("subagent:", "cron:", "acp:")


class BadChatRequest(RequestError):
    """The request cannot be answered; the message names the field in the words that clients know."""

    code = "INVALID_CHAT_REQUEST"


class _Body(BaseModel):
    """The fields that are used; all others are ignored, as clients send many."""

    model_config = ConfigDict(extra="ignore")

    model: str | None = None
    messages: list[dict[str, Any]] = Field(default_factory=list)
    stream: bool | None = None
    stream_options: dict[str, Any] | None = None
    user: str | None = None
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, ge=0, le=1)
    frequency_penalty: float | None = Field(default=None, ge=-2, le=2)
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)
    seed: int | None = None
    stop: str | list[str] | None = None
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    response_format: dict[str, Any] | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: Literal["auto", "none", "required"] | dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A request in the house's own shapes. `agent_id` None is the default agent; `messages` holds no system text."""

    model_echo: str
    agent_id: str | None
    messages: tuple[Message, ...]
    system: str | None
    sampling: Sampling
    tools: tuple[ToolSpec, ...]
    stream: bool
    include_usage: bool
    user: str | None

    @property
    def asked(self) -> Message:
        """The newest thing a user said."""
        return next(message for message in reversed(self.messages) if message.role == "user")


def read_chat_request(raw: bytes) -> ChatRequest:
    """The request in a body. Raises `BadChatRequest`."""
    try:
        body = _Body.model_validate(read_json(raw))
    except ValidationError as error:
        raise BadChatRequest(_first(error)) from error
    except (ValueError, RecursionError) as error:
        raise BadChatRequest(f"request body is not JSON: {error}") from error
    messages, system = _conversation(body.messages)
    return ChatRequest(
        model_echo=body.model or "openclaw",
        agent_id=read_target(body.model),
        messages=messages,
        system=system,
        sampling=_sampling(body),
        tools=_tools(body),
        stream=bool(body.stream),
        include_usage=bool((body.stream_options or {}).get("include_usage")),
        user=body.user,
    )


def read_target(model: str | None) -> str | None:
    """The agent that a `model` names, None for the default one. Raises `BadChatRequest` outside the grammar."""
    if not model:
        return None
    match = TARGET.fullmatch(model)
    if match is None:
        raise BadChatRequest("Invalid `model`. Use `openclaw` or `openclaw/<agentId>`.")
    agent_id = (match["id"] or match["agent"] or "default").lower()
    return None if agent_id == "default" else agent_id


def _first(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    name = str(problem["loc"][0]) if problem["loc"] else "body"
    context = problem.get("ctx", {})
    if problem["type"] in ("greater_than_equal", "less_than_equal"):
        bounds = {"temperature": "0 and 2", "top_p": "0 and 1"}.get(name, "-2 and 2")
        return (
            f"`{name}` must be between {bounds}." if "le" in context or name in _BOUNDED else f"`{name}` is too small."
        )
    return f"{name}: Invalid input: {problem['msg'][0].lower()}{problem['msg'][1:]}"


_BOUNDED = {"temperature", "top_p", "frequency_penalty", "presence_penalty"}


def _sampling(body: _Body) -> Sampling:
    stop = [body.stop] if isinstance(body.stop, str) else body.stop or []
    if len(stop) > 4:
        raise BadChatRequest("Invalid stop: stop supports at most 4 sequences")
    kind = (body.response_format or {}).get("type", "text")
    if kind not in ("text", "json_object", "json_schema"):
        raise BadChatRequest(f"Invalid response_format: unknown type {kind!r}")
    return Sampling(
        temperature=body.temperature,
        top_p=body.top_p,
        frequency_penalty=body.frequency_penalty,
        presence_penalty=body.presence_penalty,
        max_tokens=body.max_completion_tokens or body.max_tokens,
        seed=body.seed,
        stop=tuple(stop),
        response_format=body.response_format if kind != "text" else None,
        tool_choice=body.tool_choice if body.tools else None,
    )


def _tools(body: _Body) -> tuple[ToolSpec, ...]:
    specs: list[ToolSpec] = []
    for tool in body.tools or []:
        function = tool.get("function")
        if tool.get("type") != "function" or not isinstance(function, dict) or not function.get("name"):
            raise BadChatRequest("Invalid tools/tool_choice: every tool must be a function with a name")
        specs.append(ToolSpec(function["name"], function.get("description") or "", function.get("parameters") or {}))
    if isinstance(body.tool_choice, dict):
        wanted = (body.tool_choice.get("function") or {}).get("name")
        if wanted not in {spec.name for spec in specs}:
            raise BadChatRequest(f"Invalid tools/tool_choice: tool_choice requested unknown tool: {wanted}")
    return tuple(specs)


def _conversation(rows: list[dict[str, Any]]) -> tuple[tuple[Message, ...], str | None]:
    messages: list[Message] = []
    system: list[str] = []
    last_user = max((number for number, row in enumerate(rows) if row.get("role") == "user"), default=None)
    if last_user is None:
        raise BadChatRequest("Missing user message in `messages`.")
    for number, row in enumerate(rows):
        role = row.get("role")
        text = _text(row.get("content"))
        if role in ("system", "developer"):
            system.append(text)
        elif role in ("user", "assistant", "tool"):
            images = _images(row.get("content")) if number == last_user else ()
            messages.append(_message(role, row, text, images))
        else:
            raise BadChatRequest(f"messages[{number}].role: Invalid input: {role!r}")
    return tuple(messages), "\n\n".join(system) or None


def _message(role: Role, row: Mapping[str, Any], text: str, images: tuple[Image, ...]) -> Message:
    calls = tuple(
        ToolCall(str(call.get("id")), str(function.get("name")), str(function.get("arguments") or "{}"))
        for call in row.get("tool_calls") or ()
        if isinstance(function := call.get("function"), dict)
    )
    return Message(role, text, images, calls, tool_call_id=row.get("tool_call_id"), tool_name=row.get("name"))


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    if content is None:
        return ""
    if not isinstance(content, list):
        raise BadChatRequest("messages: Invalid input: expected content to be a string or an array of parts")
    return "\n".join(
        str(part.get("text", "")) for part in content if isinstance(part, dict) and part.get("type") == "text"
    )


def _images(content: Any) -> tuple[Image, ...]:
    if not isinstance(content, list):
        return ()
    images: list[Image] = []
    for part in content:
        if not isinstance(part, dict) or part.get("type") != "image_url":
            continue
        url = (part.get("image_url") or {}).get("url", "")
        match = DATA_URL.fullmatch(url) if isinstance(url, str) and len(url) <= MAX_IMAGE_CHARS else None
        if match is None:
            raise BadChatRequest("Invalid image_url content in `messages`.")
        images.append(Image(match["type"], match["data"]))
    if len(images) > MAX_IMAGES:
        raise BadChatRequest(f"Invalid image_url content in `messages`. At most {MAX_IMAGES} images are taken.")
    return tuple(images)


def session_of(request: ChatRequest, wanted: str | None, fresh_id: str) -> tuple[str, bool]:
    """The session that a request belongs to, and whether it is a one-shot that nobody will come back to."""
    if wanted:
        bare = wanted.split(":", 2)[2] if wanted.startswith("agent:") and wanted.count(":") > 1 else wanted
        if bare.startswith(RESERVED_SESSIONS):
            raise BadChatRequest("`x-openclaw-session-key` cannot use reserved internal session namespaces.")
        return wanted, False
    if request.user:
        return f"openai-user:{request.user}", False
    return f"openai:{fresh_id}", True
