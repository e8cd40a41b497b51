"""`openai-responses`: POST {baseUrl}/responses, streamed; nothing is stored at the provider's.

`encode` (request to body) and `Decoder` (data of events to `Event`s) are pure; `OpenAIResponses` says where it goes.
Source: models-and-auth §4, the provider's API reference.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from typing import Any, ClassVar, Literal

from clawfleet.core.messages import Image, Message, StopReason, Thought, ToolSpec, Usage
from clawfleet.models.hosts import host_of
from clawfleet.models.providers.answer import Answer, count, objects, string
from clawfleet.models.providers.base import Endpoint, Event, ReasoningDelta, Request, Sampling, ThoughtSealed
from clawfleet.models.providers.call import Call
from clawfleet.models.providers.conversation import (
    NO_OUTPUT,
    WireIds,
    choice_of,
    data_url,
    in_order,
    own_thoughts,
    text_of,
)
from clawfleet.models.providers.effort import OFF, accepted, level_of, name_of
from clawfleet.models.providers.failures import Site, bad_reply, refused, stream_cut
from clawfleet.models.providers.http import ErrorInStream, Http
from clawfleet.models.providers.params import service_tier, tuned, wider
from clawfleet.models.providers.streaming import streamed
from clawfleet.models.providers.tool_schema import schema_of

_NATIVE_HOSTS = ("api.openai.com", "api.x.ai")
_ENDS = ("response.completed", "response.incomplete", "response.done")


class OpenAIResponses:
    """One model behind an endpoint that speaks OpenAI's responses."""

    api: ClassVar[Literal["openai-responses"]] = "openai-responses"

    def __init__(self, endpoint: Endpoint, http: Callable[[], Http]) -> None:
        self._endpoint = endpoint
        self._http = http
        self._auth = {"authorization": f"Bearer {endpoint.api_key}"} if endpoint.api_key else {}
        self._url = f"{endpoint.base_url.rstrip('/')}/responses"

    def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """The answer as it arrives; the last event is `Finished`. Raises a leaf of `CallFailed`."""
        site = Site.of(self._endpoint, request.model)
        call = Call(self._url, encode(request, self._endpoint), self._auth, self._endpoint, site)
        return streamed(self._http, call, Decoder(site))


def encode(request: Request, endpoint: Endpoint) -> dict[str, object]:
    """The JSON body for one request: what the endpoint understands of it, and nothing else."""
    request = tuned(request, endpoint)
    sampling, is_native = request.sampling, host_of(endpoint.base_url) in _NATIVE_HOSTS
    says_instructions = _flag(endpoint, "supportsInstructions", is_native)
    origin = f"{endpoint.provider}/{request.model}"
    body: dict[str, object] = {
        "model": request.model,
        "input": list(_input(request.messages, endpoint, origin, says_instructions)),
        "stream": True,
    }
    if _flag(endpoint, "supportsStore", True):
        body["store"] = False
    system = "\n\n".join(message.text for message in request.messages if message.role == "system" and message.text)
    if says_instructions and system:
        body["instructions"] = system
    if request.tools and _flag(endpoint, "supportsTools", True):
        strictness = {"strict": False} if _flag(endpoint, "supportsStrictMode", is_native) else {}
        body["tools"] = [_tool(spec, endpoint) | strictness for spec in in_order(request.tools)]
        if choice := _choice(sampling):
            body["tool_choice"] = choice
    if limit := sampling.max_tokens or endpoint.max_tokens:
        body["max_output_tokens"] = limit
    if effort := _effort(sampling, endpoint):
        body["reasoning"] = {"effort": effort, "summary": "auto"}
        body["include"] = ["reasoning.encrypted_content"]
    body.update(_sampled(sampling, endpoint))
    if request.cache_key and _flag(endpoint, "supportsPromptCacheKey", is_native):
        body["prompt_cache_key"] = request.cache_key
        if endpoint.params.get("cacheRetention") == "long":
            body["prompt_cache_retention"] = "24h"
    if is_native and (tier := service_tier(endpoint.params, "priority")):
        body["service_tier"] = tier
    return wider(body, endpoint)


def _flag(endpoint: Endpoint, key: str, default: bool) -> bool:
    value = endpoint.compat.get(key)
    return value if isinstance(value, bool) else default


def _sampled(sampling: Sampling, endpoint: Endpoint) -> dict[str, object]:
    """What the caller asked for; models that reason refuse to be tuned unless the operator says otherwise."""
    said: dict[str, object] = {}
    if _flag(endpoint, "supportsTemperature", not endpoint.reasoning):
        tuned = {"temperature": sampling.temperature, "top_p": sampling.top_p}
        said.update({name: value for name, value in tuned.items() if value is not None})
    wanted = sampling.response_format or {}
    schema = wanted.get("json_schema")
    if isinstance(schema, dict):
        has_schema = _flag(endpoint, "supportsJsonSchemaResponseFormat", True)
        said["text"] = {"format": {"type": "json_schema", **schema} if has_schema else {"type": "json_object"}}
    elif wanted.get("type") == "json_object":
        said["text"] = {"format": {"type": "json_object"}}
    return said


def _effort(sampling: Sampling, endpoint: Endpoint) -> str | None:
    """The level as this endpoint calls it; off is told only where it has a name."""
    level = level_of(sampling, endpoint)
    if level is None or not _flag(endpoint, "supportsReasoningEffort", True):
        return None
    if named := name_of(level, endpoint):
        return named
    if level == OFF:
        return None
    return {"max": "xhigh"}.get(level, level) if accepted(level, endpoint) == level else accepted(level, endpoint)


def _choice(sampling: Sampling) -> str | dict[str, object] | None:
    kind, name = choice_of(sampling)
    if kind == "tool":
        return {"type": "function", "name": name}
    return None if kind == "auto" else kind


def _tool(spec: ToolSpec, endpoint: Endpoint) -> dict[str, object]:
    parameters = schema_of(spec, endpoint.compat)
    return {"type": "function", "name": spec.name, "description": spec.description, "parameters": parameters}


def _input(
    messages: Iterable[Message], endpoint: Endpoint, origin: str, says_instructions: bool
) -> Iterator[dict[str, object]]:
    """The conversation as items; an assistant's message becomes one for each thing it thought, said and called."""
    ids = WireIds(r"[^\x21-\x7e]", "_")
    is_developer = _flag(endpoint, "supportsDeveloperRole", True) and endpoint.reasoning
    for message in messages:
        match message.role:
            case "system":
                if message.text and not says_instructions:
                    role = "developer" if is_developer else "system"
                    yield {"type": "message", "role": role, "content": [_text(message.text)]}
            case "user":
                yield {"type": "message", "role": "user", "content": _seen(message, endpoint.images) or [_text("")]}
            case "tool":
                call_id = ids.result(message.tool_call_id or "")
                yield {"type": "function_call_output", "call_id": call_id, "output": _output(message, endpoint.images)}
            case "assistant":
                yield from _said(message, ids, origin)


def _said(message: Message, ids: WireIds, origin: str) -> Iterator[dict[str, object]]:
    if not message.text and not message.tool_calls:
        return
    yield from map(_thought, own_thoughts(message, origin))
    if message.text:
        content = [{"type": "output_text", "text": message.text}]
        yield {"type": "message", "role": "assistant", "content": content}
    for call in message.tool_calls:
        call_id = ids.call(call.id)
        yield {"type": "function_call", "call_id": call_id, "name": call.name, "arguments": call.arguments or "{}"}


def _thought(thought: Thought) -> dict[str, object]:
    summary = [{"type": "summary_text", "text": thought.text}] if thought.text else []
    return {"type": "reasoning", "summary": summary, "encrypted_content": thought.seal}


def _text(text: str) -> dict[str, object]:
    return {"type": "input_text", "text": text}


def _seen(message: Message, shows: bool) -> list[dict[str, object]]:
    text = text_of(message, shows=shows)
    return [*([_text(text)] if text else []), *(map(_picture, message.images) if shows else ())]


def _picture(image: Image) -> dict[str, object]:
    return {"type": "input_image", "detail": "auto", "image_url": data_url(image)}


def _output(message: Message, shows: bool) -> str | list[dict[str, object]]:
    """A tool's result: text, or parts when there is something to see."""
    if shows and message.images:
        return _seen(message, shows)
    return text_of(message, shows=shows) or NO_OUTPUT


class Decoder:
    """Turns the data of one reply's events into `Event`s. Tool calls come out at the end, whole."""

    def __init__(self, site: Site) -> None:
        self.is_done = False
        self._site = site
        self._stop: StopReason = "stop"
        self._answer = Answer(site)
        self._has_text = False
        self._called: set[int] = set()  # which calls' arguments came in pieces

    @property
    def is_finished(self) -> bool:
        """The answer is complete."""
        return self.is_done

    def feed(self, data: bytes) -> list[Event]:
        """The events of one chunk. Raises `BadReply`, `AnswerRefused`, or `ErrorInStream` with the error object."""
        if data.strip() == b"[DONE]" or not (chunk := self._answer.read(data)):
            return []
        kind = string(chunk.get("type"))
        if kind in ("error", "response.failed") or chunk.get("error"):
            raise ErrorInStream(_error(chunk, data))
        if kind in _ENDS:
            return self._end(_object(chunk, "response"))
        if chunk.get("object") == "response":
            return self._whole(chunk)
        return self._piece(kind, chunk)

    def close(self) -> list[Event]:
        """What remains: held text, tool calls, `Finished`. Raises `StreamCut` or `BadReply`."""
        if not self.is_done:
            raise stream_cut(self._site)
        return self._answer.end(self._stop)

    def _piece(self, kind: str, chunk: dict[str, Any]) -> list[Event]:
        """What an event adds that is not the last one."""
        index, delta = _index(chunk), chunk.get("delta")
        events: list[Event] = []
        match kind:
            case "response.output_text.delta" | "response.refusal.delta":
                self._has_text = True
                events = self._answer.text(delta)
            case "response.reasoning_summary_text.delta" | "response.reasoning_text.delta":
                events = self._answer.reasoning(delta)
            case "response.reasoning_summary_part.done":
                events = [ReasoningDelta("\n\n")]
            case "response.function_call_arguments.delta":
                self._called.add(index)
                self._answer.call(index=index, arguments=string(delta))
            case "response.output_item.added":
                self._begin(index, _object(chunk, "item"))
            case "response.output_item.done":
                events = self._end_item(index, _object(chunk, "item"))
        return events

    def _begin(self, index: int, item: dict[str, Any]) -> None:
        if item.get("type") == "function_call":
            self._answer.call(index=index, call_id=_call_id(item), name=string(item.get("name")))

    def _end_item(self, index: int, item: dict[str, Any]) -> list[Event]:
        """What an item says when it is complete: its seal, its arguments if no piece came."""
        match item.get("type"):
            case "function_call":
                arguments = "" if index in self._called else string(item.get("arguments"))
                name = string(item.get("name"))
                self._called.add(index)
                self._answer.call(index=index, call_id=_call_id(item), name=name, arguments=arguments)
            case "reasoning" if seal := string(item.get("encrypted_content")):
                summary = "\n\n".join(string(part.get("text")) for part in objects(item.get("summary")))
                return [ThoughtSealed(Thought(self._site.ref, seal, summary))]
        return []

    def _end(self, response: dict[str, Any]) -> list[Event]:
        """The terminal event; text that no piece brought is in it."""
        events = [] if self._has_text else self._text_in(response)
        self._count(_object(response, "usage"))
        if response.get("status") == "incomplete":
            reason = string(_object(response, "incomplete_details").get("reason"))
            if reason == "content_filter":
                raise refused(self._site, f"Provider incomplete_details: {reason}")
            if reason != "max_output_tokens":
                raise bad_reply(self._site, f"Provider incomplete_details: {reason[:80] or 'none'}")
            self._stop = "length"
        self.is_done = True
        return events

    def _whole(self, response: dict[str, Any]) -> list[Event]:
        """The events of an answer that was not streamed."""
        if response.get("status") == "failed":
            raise ErrorInStream(json.dumps({"error": response.get("error")}))
        events: list[Event] = []
        for index, item in enumerate(objects(response.get("output"))):
            events += self._end_item(index, item)
        return [*events, *self._end(response)]

    def _text_in(self, response: dict[str, Any]) -> list[Event]:
        messages = [item for item in objects(response.get("output")) if item.get("type") == "message"]
        parts = [part for message in messages for part in objects(message.get("content"))]
        return self._answer.text("".join(string(part.get("text")) or string(part.get("refusal")) for part in parts))

    def _count(self, usage: dict[str, Any]) -> None:
        cached = count(_object(usage, "input_tokens_details").get("cached_tokens"))
        written = count(_object(usage, "input_tokens_details").get("cache_write_tokens"))
        fresh = max(0, count(usage.get("input_tokens")) - cached - written)
        self._answer.usage = Usage(fresh, count(usage.get("output_tokens")), cached, written)


def _error(chunk: dict[str, Any], data: bytes) -> str:
    """The provider's error as JSON, wherever the event has it."""
    error = chunk.get("error") or _object(chunk, "response").get("error")
    return json.dumps({"error": error}) if error else data.decode("utf-8", "replace")


def _index(chunk: dict[str, Any]) -> int:
    index = chunk.get("output_index")
    return index if isinstance(index, int) else 0


def _call_id(item: dict[str, Any]) -> str:
    return string(item.get("call_id")) or string(item.get("id"))


def _object(holder: dict[str, Any], key: str) -> dict[str, Any]:
    value = holder.get(key)
    return value if isinstance(value, dict) else {}
