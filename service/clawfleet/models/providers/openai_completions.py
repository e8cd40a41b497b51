"""`openai-completions`: POST {baseUrl}/chat/completions, streamed. The example that the other wire APIs follow.

`encode` (request to body) and `Decoder` (data of events to `Event`s) are pure; `OpenAICompletions` moves the bytes.
Source: models-and-auth §4, checked by contract tests against recorded shapes of many servers.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from typing import Any, ClassVar, Literal

from clawfleet.core.messages import Image, Message, StopReason, ToolSpec, Usage
from clawfleet.models.hosts import host_of
from clawfleet.models.providers.answer import Answer, count, objects, string
from clawfleet.models.providers.base import Endpoint, Event, Request, Sampling
from clawfleet.models.providers.compat import Compat, compat_of
from clawfleet.models.providers.conversation import NO_OUTPUT, data_url, in_order, schema_of, text_of
from clawfleet.models.providers.effort import OFF, level_of
from clawfleet.models.providers.failures import Site, bad_reply, refused, stream_cut
from clawfleet.models.providers.http import ErrorInStream, Http
from clawfleet.models.providers.streaming import Call, streamed

_STOPS: dict[str, StopReason] = {
    "stop": "stop",
    "end": "stop",
    "length": "length",
    "tool_calls": "toolUse",
    "tool_call": "toolUse",
    "function_call": "toolUse",
}
_REASONING_FIELDS = ("reasoning_content", "reasoning", "reasoning_text")
_PASSED_ON = ("temperature", "top_p", "frequency_penalty", "presence_penalty", "seed", "response_format")
_LEGACY_INDEX = -1  # `function_call` has no index; a reply holds one at most


class OpenAICompletions:
    """One model behind an OpenAI-like chat completions endpoint."""

    api: ClassVar[Literal["openai-completions"]] = "openai-completions"

    def __init__(self, endpoint: Endpoint, http: Callable[[], Http]) -> None:
        self._endpoint = endpoint
        self._http = http
        self._auth = {"authorization": f"Bearer {endpoint.api_key}"} if endpoint.api_key else {}
        self._url = f"{endpoint.base_url.rstrip('/')}/chat/completions"

    def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """The answer as it arrives; the last event is `Finished`. Raises a leaf of `CallFailed`."""
        site = Site.of(self._endpoint, request.model)
        call = Call(self._url, encode(request, self._endpoint), self._auth, self._endpoint, site)
        return streamed(self._http, call, Decoder(site))


def encode(request: Request, endpoint: Endpoint) -> dict[str, object]:
    """The JSON body for one request: what the endpoint understands of it, and nothing else."""
    compat = compat_of(endpoint.base_url, endpoint.compat)
    sampling = request.sampling
    body: dict[str, object] = {
        "model": request.model,
        "messages": list(_messages(request.messages, endpoint, compat)),
        "stream": True,
    }
    if compat.supports_usage_in_streaming:
        body["stream_options"] = {"include_usage": True}
    if request.tools and compat.supports_tools:
        body["tools"] = [_tool(spec) for spec in in_order(request.tools)]
        body["tool_choice"] = sampling.tool_choice or "auto"
    if limit := sampling.max_tokens or endpoint.max_tokens:
        body[compat.max_tokens_field] = limit
    if (
        compat.supports_reasoning_effort
        and (effort := _effort(sampling, endpoint))
        and not _takes_either(body, endpoint)
    ):
        body["reasoning_effort"] = effort
    if sampling.stop:
        body["stop"] = list(sampling.stop)
    body.update({name: value for name in _PASSED_ON if (value := getattr(sampling, name)) is not None})
    return body


def _takes_either(body: dict[str, object], endpoint: Endpoint) -> bool:
    """OpenAI's own newer models take tools or an effort on this wire, not both; the tools are worth more."""
    is_openai = host_of(endpoint.base_url) == "api.openai.com" and "supportsReasoningEffort" not in endpoint.compat
    return is_openai and "tools" in body


def _effort(sampling: Sampling, endpoint: Endpoint) -> str | None:
    """The level as this endpoint calls it; a level without a name of its own for off is not told."""
    level = level_of(sampling, endpoint) or sampling.reasoning_effort
    names = endpoint.compat.get("reasoningEffortMap")
    named = names.get(level) if isinstance(names, dict) else None
    return named if isinstance(named, str) else (None if level == OFF else level)


def _tool(spec: ToolSpec) -> dict[str, object]:
    function = {"name": spec.name, "description": spec.description, "parameters": schema_of(spec)}
    return {"type": "function", "function": function}


def _messages(messages: Iterable[Message], endpoint: Endpoint, compat: Compat) -> Iterator[dict[str, object]]:
    """The conversation on the wire. Pictures of tool results follow their run of results in one user message."""
    shows = endpoint.images and not compat.requires_string_content
    pictures: list[Image] = []
    for message in messages:
        if message.role != "tool" and pictures:
            yield _pictures_of_tools(pictures)
            pictures = []
        if message.role == "tool" and shows:
            pictures += message.images
        entry = _message(message, endpoint, compat, shows)
        if entry is not None:
            yield {key: entry[key] for key in ("role", "content")} if compat.strict_message_keys else entry
    if pictures:
        yield _pictures_of_tools(pictures)


def _message(message: Message, endpoint: Endpoint, compat: Compat, shows: bool) -> dict[str, object] | None:
    """One message on the wire; None for an assistant message that says and does nothing, which servers refuse."""
    if message.role == "tool":
        content = text_of(message, shows=shows) or NO_OUTPUT
        return {"role": "tool", "tool_call_id": message.tool_call_id or "", "content": content}
    if message.role == "assistant":
        if not message.tool_calls:
            return {"role": "assistant", "content": message.text} if message.text else None
        calls = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
        silent = "" if compat.strict_message_keys else None
        return {"role": "assistant", "content": message.text or silent, "tool_calls": calls}
    if message.role == "system":
        is_developer = endpoint.reasoning and compat.supports_developer_role
        return {"role": "developer" if is_developer else "system", "content": message.text}
    if shows and message.images:
        text = [{"type": "text", "text": message.text}] if message.text else []
        return {"role": "user", "content": [*text, *map(_picture, message.images)]}
    return {"role": "user", "content": text_of(message, shows=False)}


def _picture(image: Image) -> dict[str, object]:
    return {"type": "image_url", "image_url": {"url": data_url(image)}}


def _pictures_of_tools(images: list[Image]) -> dict[str, object]:
    return {"role": "user", "content": [{"type": "text", "text": "(from the tool)"}, *map(_picture, images)]}


class Decoder:
    """Turns the data of one reply's events into `Event`s. Tool calls come out at the end, whole."""

    def __init__(self, site: Site) -> None:
        self.is_done = False  # the end mark came
        self._site = site
        self._finish_reason = ""
        self._answer = Answer(site)

    @property
    def is_finished(self) -> bool:
        """The answer is complete; only usage or the end mark may follow."""
        return self.is_done or bool(self._finish_reason)

    def feed(self, data: bytes) -> list[Event]:
        """The events of one chunk. Raises `BadReply`, or `ErrorInStream` with the provider's error object."""
        if data.strip() == b"[DONE]":
            self.is_done = True
            return []
        chunk = self._answer.read(data)
        if chunk.get("error") or chunk.get("object") == "error":
            raise ErrorInStream(data.decode("utf-8", "replace"))
        choices = objects(chunk.get("choices"))
        events = self._choice(choices[0]) if choices else []
        self._answer.usage = _usage(chunk) or self._answer.usage
        return events

    def close(self) -> list[Event]:
        """What remains: held text, tool calls, `Finished`. Raises `StreamCut`, `BadReply` or `AnswerRefused`."""
        if not self.is_finished:
            raise stream_cut(self._site)
        reason = self._finish_reason.lower() or "stop"
        if reason == "content_filter":
            raise refused(self._site, f"Provider finish_reason: {reason}")
        if reason not in _STOPS:
            raise bad_reply(self._site, f"Provider finish_reason: {self._finish_reason[:80]}")
        return self._answer.end(_STOPS[reason])

    def _choice(self, choice: dict[str, Any]) -> list[Event]:
        delta = choice.get("delta")
        if not isinstance(delta, dict):
            delta = choice.get("message")  # some servers stream whole messages, and some do not stream at all
        events = self._delta(delta) if isinstance(delta, dict) else []
        self._finish_reason = string(choice.get("finish_reason")) or self._finish_reason
        self._answer.usage = _usage(choice) or self._answer.usage
        return events

    def _delta(self, delta: dict[str, Any]) -> list[Event]:
        content = delta.get("content")
        events = self._answer.reasoning(_reasoning(delta, content))
        if isinstance(content, list):
            content = "".join(_part_text(part, "text") for part in content)
        events += self._answer.text(content)
        events += self._answer.text(delta.get("refusal"))
        for call in objects(delta.get("tool_calls")):
            self._piece(call)
        if isinstance(legacy := delta.get("function_call"), dict):
            self._piece({"index": _LEGACY_INDEX, "function": legacy})
        return events

    def _piece(self, call: dict[str, Any]) -> None:
        if not isinstance(function := call.get("function"), dict):
            return
        arguments = function.get("arguments")
        if isinstance(arguments, dict):  # some servers send the object itself, not its text
            arguments = json.dumps(arguments, ensure_ascii=False)
        index = call.get("index")
        self._answer.call(
            index=index if isinstance(index, int) else None,
            call_id=string(call.get("id")),
            name=string(function.get("name")),
            arguments=string(arguments),
        )


def _reasoning(delta: dict[str, Any], content: object) -> str:
    """The reasoning text of a delta, in any of the shapes that servers use."""
    details = delta.get("reasoning_details")
    if isinstance(details, list) and (text := "".join(_part_text(part, "reasoning.text") for part in details)):
        return text
    for name in _REASONING_FIELDS:
        if thought := string(delta.get(name)):
            return thought
    if isinstance(content, list):  # Mistral: {"type": "thinking", "thinking": [{"type": "text", "text": …}]}
        inner = (part.get("thinking") for part in content if isinstance(part, dict) and part.get("type") == "thinking")
        return "".join(_part_text(part, "text") for parts in inner if isinstance(parts, list) for part in parts)
    return ""


def _part_text(part: object, kind: str) -> str:
    return string(part.get("text")) if isinstance(part, dict) and part.get("type") == kind else ""


def _usage(holder: dict[str, Any]) -> Usage | None:
    """The token counts of a chunk or choice; None when it has none (`"usage": null` is usual)."""
    usage = holder.get("usage")
    if isinstance(usage, dict) and usage:
        details = usage.get("prompt_tokens_details")
        details = details if isinstance(details, dict) else {}
        cached = count(details.get("cached_tokens")) or count(usage.get("prompt_cache_hit_tokens"))
        written = count(details.get("cache_write_tokens"))
        fresh = max(0, count(usage.get("prompt_tokens")) - cached - written)
        return Usage(fresh, count(usage.get("completion_tokens")), cached, written)
    timings = holder.get("timings")  # llama.cpp
    if isinstance(timings, dict):
        return Usage(count(timings.get("prompt_n")), count(timings.get("predicted_n")))
    return None
