"""`openai-completions`: POST {baseUrl}/chat/completions, streamed. The example that the other wire APIs follow.

`encode` (request to body) and `Decoder` (data of events to `Event`s) are pure; `OpenAICompletions` moves the bytes.
Source: models-and-auth §4, checked by contract tests against recorded shapes of many servers.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from typing import Any, ClassVar, Literal

from clawfleet.core.messages import Image, Message, StopReason, ToolSpec, Usage
from clawfleet.models.providers.base import (
    Endpoint,
    Event,
    Finished,
    ReasoningDelta,
    Request,
    Sampling,
    TextDelta,
    ToolCalled,
)
from clawfleet.models.providers.compat import Compat, compat_of
from clawfleet.models.providers.failures import ProviderTimeout, Site, StreamCut, bad_reply, refused, stream_cut
from clawfleet.models.providers.http import ErrorInStream, Http
from clawfleet.models.providers.tool_pieces import BrokenToolCall, ToolPieces
from clawfleet.models.providers.visible_text import Surrogates, VisibleText

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
_JSON = json.JSONDecoder(strict=False)  # some servers leave raw control characters in strings


class OpenAICompletions:
    """One model behind an OpenAI-like chat completions endpoint."""

    api: ClassVar[Literal["openai-completions"]] = "openai-completions"

    def __init__(self, endpoint: Endpoint, http: Callable[[], Http]) -> None:
        self._endpoint = endpoint
        self._http = http
        self._auth = {"authorization": f"Bearer {endpoint.api_key}"} if endpoint.api_key else {}
        self._url = f"{endpoint.base_url.rstrip('/')}/chat/completions"

    async def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """The answer as it arrives; the last event is `Finished`. Raises a leaf of `CallFailed`."""
        site = Site.of(self._endpoint, request.model)
        decoder = Decoder(site)
        body = encode(request, self._endpoint)
        async with self._http().post(
            self._url, body=body, headers=self._auth, endpoint=self._endpoint, site=site
        ) as reply:
            try:
                async for batch in reply:
                    for data in batch:
                        for event in decoder.feed(data):
                            yield event
                    if decoder.is_done:
                        await reply.settle()
                        break
                    if decoder.is_finished:
                        reply.hurry()
            except (StreamCut, ProviderTimeout):
                if not decoder.is_finished:  # what follows the end of the answer is worth a wait, not a failure
                    raise
        for event in decoder.close():
            yield event


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
        # One order whatever the caller's, so that the provider's prompt cache holds.
        body["tools"] = [_tool(spec) for spec in sorted(request.tools, key=lambda spec: spec.name)]
        body["tool_choice"] = sampling.tool_choice or "auto"
    if limit := sampling.max_tokens or endpoint.max_tokens:
        body[compat.max_tokens_field] = limit
    if compat.supports_reasoning_effort and (effort := _effort(sampling, endpoint)):
        body["reasoning_effort"] = effort
    if sampling.stop:
        body["stop"] = list(sampling.stop)
    body.update({name: value for name in _PASSED_ON if (value := getattr(sampling, name)) is not None})
    return body


def _effort(sampling: Sampling, endpoint: Endpoint) -> str | None:
    return sampling.reasoning_effort or ("medium" if endpoint.reasoning else None)


def _tool(spec: ToolSpec) -> dict[str, object]:
    parameters = spec.parameters or {"type": "object", "properties": {}}
    return {
        "type": "function",
        "function": {"name": spec.name, "description": spec.description, "parameters": parameters},
    }


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
        content = _text(message, shows=shows) or "(no output)"
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
    return {"role": "user", "content": _text(message, shows=False)}


def _text(message: Message, *, shows: bool) -> str:
    """The text, with a note in the place of each picture that cannot be shown."""
    lost = [] if shows else [f"[{image.media_type} left out: this model reads text only]" for image in message.images]
    return "\n".join((message.text, *lost) if message.text else lost)


def _picture(image: Image) -> dict[str, object]:
    return {"type": "image_url", "image_url": {"url": f"data:{image.media_type};base64,{image.data}"}}


def _pictures_of_tools(images: list[Image]) -> dict[str, object]:
    return {"role": "user", "content": [{"type": "text", "text": "(from the tool)"}, *map(_picture, images)]}


class Decoder:
    """Turns the data of one reply's events into `Event`s. Tool calls come out at the end, whole."""

    def __init__(self, site: Site) -> None:
        self.is_done = False  # the end mark came
        self._site = site
        self._finish_reason = ""
        self._usage = Usage()
        self._text = VisibleText()
        self._reasoning = Surrogates()
        self._calls = ToolPieces()

    @property
    def is_finished(self) -> bool:
        """The answer is complete; only usage or the end mark may follow."""
        return self.is_done or bool(self._finish_reason)

    def feed(self, data: bytes) -> list[Event]:
        """The events of one chunk. Raises `BadReply`, or `ErrorInStream` with the provider's error object."""
        if not (text := data.strip().decode("utf-8", "replace")):
            return []
        if text == "[DONE]":
            self.is_done = True
            return []
        try:
            chunk: Any = _JSON.decode(text)
        except (ValueError, RecursionError):
            chunk = None
        if not isinstance(chunk, dict):
            raise bad_reply(self._site, "the provider sent a chunk that is not a JSON object.")
        if chunk.get("error") or chunk.get("object") == "error":
            raise ErrorInStream(text)
        events: list[Event] = []
        choices = chunk.get("choices")
        if isinstance(choices, list) and choices and isinstance(choices[0], dict):
            try:
                self._choice(choices[0], events)
            except BrokenToolCall as error:
                raise self._malformed(error) from None
        self._usage = _usage(chunk) or self._usage
        return events

    def close(self) -> list[Event]:
        """What remains: held text, tool calls, `Finished`. Raises `StreamCut`, `BadReply` or `AnswerRefused`."""
        if not self.is_finished:
            raise stream_cut(self._site)
        reason = self._finish_reason.lower() or "stop"
        if reason not in _STOPS:
            if reason == "content_filter":
                raise refused(self._site, reason)
            raise bad_reply(self._site, f"Provider finish_reason: {self._finish_reason[:80]}")
        stop = _STOPS[reason]
        events: list[Event] = []
        self._show(self._text.close(), events)
        if self._calls:
            if stop == "length":  # empty or not, these arguments may be cut
                raise bad_reply(
                    self._site,
                    "the answer reached its token limit in the middle of a tool call.",
                    f"raise maxTokens of the model in {self._site.section}.models",
                )
            try:
                events += map(ToolCalled, self._calls.complete())
            except BrokenToolCall as error:
                raise self._malformed(error) from None
            stop = "toolUse"
        elif stop == "toolUse":
            stop = "stop"
        events.append(Finished(stop, self._usage))
        return events

    def _choice(self, choice: dict[str, Any], events: list[Event]) -> None:
        delta = choice.get("delta")
        if not isinstance(delta, dict):
            delta = choice.get("message")  # some servers stream whole messages, and some do not stream at all
        if isinstance(delta, dict):
            self._delta(delta, events)
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason:
            self._finish_reason = reason
        self._usage = _usage(choice) or self._usage

    def _delta(self, delta: dict[str, Any], events: list[Event]) -> None:
        content = delta.get("content")
        if thought := self._reasoning.feed(_reasoning(delta, content)):
            events.append(ReasoningDelta(thought))
        if isinstance(content, list):
            content = "".join(_part_text(part, "text") for part in content)
        if isinstance(content, str) and content:
            self._show(self._text.feed(content), events)
        if refusal := _string(delta.get("refusal")):
            self._show(self._text.feed(refusal), events)
        calls = delta.get("tool_calls")
        for call in calls if isinstance(calls, list) else ():
            self._piece(call)
        if isinstance(legacy := delta.get("function_call"), dict):
            self._piece({"index": _LEGACY_INDEX, "function": legacy})

    def _show(self, split: tuple[str, str], events: list[Event]) -> None:
        shown, thought = split
        if thought:
            events.append(ReasoningDelta(thought))
        if shown:
            events.append(TextDelta(shown))

    def _piece(self, call: object) -> None:
        if not isinstance(call, dict) or not isinstance(function := call.get("function"), dict):
            return
        arguments = function.get("arguments")
        if isinstance(arguments, dict):  # some servers send the object itself, not its text
            arguments = json.dumps(arguments, ensure_ascii=False)
        index = call.get("index")
        self._calls.add(
            index=index if isinstance(index, int) else None,
            call_id=_string(call.get("id")),
            name=_string(function.get("name")),
            arguments=_string(arguments),
        )

    def _malformed(self, error: BrokenToolCall) -> Exception:
        return bad_reply(self._site, f"Provider returned an incomplete or malformed tool call ({error}).")


def _reasoning(delta: dict[str, Any], content: object) -> str:
    """The reasoning text of a delta, in any of the shapes that servers use."""
    details = delta.get("reasoning_details")
    if isinstance(details, list) and (text := "".join(_part_text(part, "reasoning.text") for part in details)):
        return text
    for name in _REASONING_FIELDS:
        if thought := _string(delta.get(name)):
            return thought
    if isinstance(content, list):  # Mistral: {"type": "thinking", "thinking": [{"type": "text", "text": …}]}
        inner = (part.get("thinking") for part in content if isinstance(part, dict) and part.get("type") == "thinking")
        return "".join(_part_text(part, "text") for parts in inner if isinstance(parts, list) for part in parts)
    return ""


def _part_text(part: object, kind: str) -> str:
    return _string(part.get("text")) if isinstance(part, dict) and part.get("type") == kind else ""


def _usage(holder: dict[str, Any]) -> Usage | None:
    """The token counts of a chunk or choice; None when it has none (`"usage": null` is usual)."""
    usage = holder.get("usage")
    if isinstance(usage, dict) and usage:
        details = usage.get("prompt_tokens_details")
        details = details if isinstance(details, dict) else {}
        cached = _count(details.get("cached_tokens")) or _count(usage.get("prompt_cache_hit_tokens"))
        written = _count(details.get("cache_write_tokens"))
        fresh = max(0, _count(usage.get("prompt_tokens")) - cached - written)
        return Usage(fresh, _count(usage.get("completion_tokens")), cached, written)
    timings = holder.get("timings")  # llama.cpp
    if isinstance(timings, dict):
        return Usage(_count(timings.get("prompt_n")), _count(timings.get("predicted_n")))
    return None


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
