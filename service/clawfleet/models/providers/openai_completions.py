"""`openai-completions`: POST {baseUrl}/chat/completions, streamed. The example that the other wire APIs follow.

`encode` (request to body) and `Decoder` (data of events to `Event`s) are pure; `OpenAICompletions` moves the bytes.
Source: models-and-auth §4, checked by contract tests against recorded shapes of many servers.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any, ClassVar, Literal

from clawfleet.core.messages import StopReason, Thought, ToolSpec, Usage
from clawfleet.models.hosts import host_of
from clawfleet.models.providers.answer import Answer, count, objects, string
from clawfleet.models.providers.base import Endpoint, Event, Request, Sampling, ThoughtSealed
from clawfleet.models.providers.call import Call
from clawfleet.models.providers.compat import Compat, compat_of
from clawfleet.models.providers.completions_messages import messages_of
from clawfleet.models.providers.completions_thinking import thinking_body
from clawfleet.models.providers.conversation import in_order
from clawfleet.models.providers.failures import Site, bad_reply, refused, stream_cut
from clawfleet.models.providers.http import ErrorInStream, Http
from clawfleet.models.providers.params import service_tier, tuned, wider
from clawfleet.models.providers.streaming import streamed
from clawfleet.models.providers.tool_schema import schema_of

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
        keeps = compat_of(self._endpoint.base_url, self._endpoint.compat).keeps_reasoning
        return streamed(self._http, call, Decoder(site, keeps_reasoning=keeps))


def encode(request: Request, endpoint: Endpoint) -> dict[str, object]:
    """The JSON body for one request: what the endpoint understands of it, and nothing else."""
    request = tuned(request, endpoint)
    compat = compat_of(endpoint.base_url, endpoint.compat)
    sampling, origin = request.sampling, f"{endpoint.provider}/{request.model}"
    body: dict[str, object] = {
        "model": request.model,
        "messages": list(messages_of(request.messages, endpoint, compat, origin)),
        "stream": True,
    }
    if compat.supports_usage_in_streaming:
        body["stream_options"] = {"include_usage": True}
    if request.tools and compat.supports_tools:
        body["tools"] = [_tool(spec, endpoint, compat) for spec in in_order(request.tools)]
        body["tool_choice"] = sampling.tool_choice or "auto"
    if limit := sampling.max_tokens or endpoint.max_tokens:
        body[compat.max_tokens_field] = limit
    body.update(thinking_body(sampling, endpoint, compat, has_tools="tools" in body))
    body.update(_sampled(sampling, compat))
    if compat.supports_store:
        body["store"] = False
    if compat.supports_prompt_cache_key and request.cache_key:
        body["prompt_cache_key"] = request.cache_key
    is_openai = host_of(endpoint.base_url) == "api.openai.com"
    if tier := service_tier(endpoint.params if is_openai else _without_speed(endpoint.params), "priority"):
        body["service_tier"] = tier
    return wider(body, endpoint, takes_any=True)


def _without_speed(params: Mapping[str, object]) -> dict[str, object]:
    """A fast mode means a tier at OpenAI's own address only."""
    return {name: value for name, value in params.items() if name not in ("fastMode", "fast_mode")}


def _sampled(sampling: Sampling, compat: Compat) -> dict[str, object]:
    """What the caller asked for, as far as the endpoint lets itself be tuned."""
    said: dict[str, object] = {"stop": list(sampling.stop)} if sampling.stop else {}
    said.update({name: value for name in _PASSED_ON if (value := getattr(sampling, name)) is not None})
    if not compat.supports_temperature:
        said.pop("temperature", None)
        said.pop("top_p", None)
    wanted = said.get("response_format")
    if not compat.supports_json_schema and isinstance(wanted, Mapping) and wanted.get("type") == "json_schema":
        said["response_format"] = {"type": "json_object"}
    return said


def _tool(spec: ToolSpec, endpoint: Endpoint, compat: Compat) -> dict[str, object]:
    parameters = schema_of(spec, endpoint.compat)
    function = {"name": spec.name, "description": spec.description, "parameters": parameters}
    return {"type": "function", "function": function | ({"strict": False} if compat.supports_strict_mode else {})}


class Decoder:
    """Turns the data of one reply's events into `Event`s. Tool calls come out at the end, whole."""

    def __init__(self, site: Site, *, keeps_reasoning: bool = False) -> None:
        self.is_done = False  # the end mark came
        self._site = site
        self._finish_reason = ""
        self._answer = Answer(site)
        self._kept: list[str] | None = [] if keeps_reasoning else None

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
        thought = "".join(self._kept or ())
        kept: list[Event] = [ThoughtSealed(Thought(self._site.ref, "", thought))] if thought else []
        return [*kept, *self._answer.end(_STOPS[reason])]

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
        thought = _reasoning(delta, content)
        if self._kept is not None and thought:
            self._kept.append(thought)
        events = self._answer.reasoning(thought)
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
