"""`anthropic-messages`: POST {baseUrl}/v1/messages, streamed.

`encode` (request to body) and `Decoder` (data of events to `Event`s) are pure; `AnthropicMessages` says where it goes.
Source: models-and-auth §4, the provider's API reference.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from typing import Any, ClassVar, Literal

from clawfleet.core.messages import Image, Message, StopReason, Thought, ToolSpec, Usage
from clawfleet.models.hosts import host_of, nearness
from clawfleet.models.providers.answer import Answer, count, string
from clawfleet.models.providers.anthropic_thinking import Thinking, thinking_of
from clawfleet.models.providers.base import Endpoint, Event, Request, Sampling, ThoughtSealed
from clawfleet.models.providers.call import Call
from clawfleet.models.providers.conversation import (
    NO_OUTPUT,
    WireIds,
    arguments_of,
    choice_of,
    in_order,
    own_thoughts,
    text_of,
)
from clawfleet.models.providers.failures import Site, bad_reply, refused, stream_cut
from clawfleet.models.providers.http import ErrorInStream, Http
from clawfleet.models.providers.params import service_tier, tuned, wider
from clawfleet.models.providers.streaming import streamed
from clawfleet.models.providers.tool_schema import schema_of

VERSION = "2023-06-01"
MAX_TOKENS = 8192  # the wire wants a limit; this one holds when nobody gave any
LOCAL_KEY = "custom-local"  # what servers on this machine are sent for want of a key
_OAUTH_START = "sk-ant-oat"
_NATIVE_HOST = "api.anthropic.com"

_STOPS: dict[str, StopReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "toolUse",
}
_REDACTED = "redacted:"  # how the seal of reasoning that cannot be read begins


class AnthropicMessages:
    """One model behind an endpoint that speaks Anthropic's messages."""

    api: ClassVar[Literal["anthropic-messages"]] = "anthropic-messages"

    def __init__(self, endpoint: Endpoint, http: Callable[[], Http]) -> None:
        self._endpoint = endpoint
        self._http = http
        self._auth = {"anthropic-version": VERSION, **_auth(endpoint)}
        self._url = f"{endpoint.base_url.rstrip('/').removesuffix('/v1')}/v1/messages"

    def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """The answer as it arrives; the last event is `Finished`. Raises a leaf of `CallFailed`."""
        site = Site.of(self._endpoint, request.model)
        call = Call(self._url, encode(request, self._endpoint), self._auth, self._endpoint, site)
        return streamed(self._http, call, Decoder(site))


def _auth(endpoint: Endpoint) -> dict[str, str]:
    key = endpoint.api_key or (LOCAL_KEY if nearness(endpoint.base_url) == "loopback" else "")
    if key.startswith(_OAUTH_START):
        return {"authorization": f"Bearer {key}", "anthropic-beta": "oauth-2025-04-20"}
    return {"x-api-key": key} if key else {}


def encode(request: Request, endpoint: Endpoint) -> dict[str, object]:
    """The JSON body for one request: what the endpoint understands of it, and nothing else."""
    request = tuned(request, endpoint)
    sampling, mark = request.sampling, _mark(endpoint)
    limit = sampling.max_tokens or endpoint.max_tokens or MAX_TOKENS
    origin = f"{endpoint.provider}/{request.model}"
    thinking = thinking_of(request, endpoint, limit, thought_of_tail=_thought_of_tail(request.messages, origin))
    body: dict[str, object] = {
        "model": request.model,
        "messages": _marked(_messages(request.messages, endpoint, origin), mark),
        "max_tokens": limit,
        "stream": True,
        **thinking.body,
    }
    # One block a system message: the first is the stable one, and what comes before a mark is cached.
    system = [{"type": "text", "text": message.text} for message in _system(request.messages)]
    if system:
        body["system"] = [{**system[0], **mark}, *system[1:]]
    if request.tools and endpoint.compat.get("supportsTools") is not False:
        body["tools"] = [_tool(spec, endpoint) for spec in in_order(request.tools)]
        if choice := _choice(sampling):
            body["tool_choice"] = choice
    body.update(_sampled(sampling, thinking))
    is_native = host_of(endpoint.base_url) == _NATIVE_HOST
    if is_native and (tier := service_tier(endpoint.params, "auto", "standard_only")):
        body["service_tier"] = tier
    return wider(body, endpoint)


def _mark(endpoint: Endpoint) -> dict[str, object]:
    """What marks a block as the end of what is cached; nothing where the operator wants no cache."""
    retention = endpoint.params.get("cacheRetention")
    if retention == "none":
        return {}
    return {"cache_control": {"type": "ephemeral", **({"ttl": "1h"} if retention == "long" else {})}}


def _sampled(sampling: Sampling, thinking: Thinking) -> dict[str, object]:
    """What the caller asked for; a model that thinks, and every newer one, refuses to be tuned."""
    said: dict[str, object] = {"stop_sequences": list(sampling.stop)} if sampling.stop else {}
    if thinking.refuses_tuning:
        return said
    if sampling.temperature is not None:
        said["temperature"] = min(sampling.temperature, 1.0)
    elif sampling.top_p is not None:  # one of the two; both together are refused
        said["top_p"] = sampling.top_p
    return said


def _choice(sampling: Sampling) -> dict[str, object] | None:
    kind, name = choice_of(sampling)
    if kind == "tool":
        return {"type": "tool", "name": name}
    return {"type": {"none": "none", "required": "any"}[kind]} if kind != "auto" else None


def _tool(spec: ToolSpec, endpoint: Endpoint) -> dict[str, object]:
    return {"name": spec.name, "description": spec.description, "input_schema": schema_of(spec, endpoint.compat)}


def _system(messages: Iterable[Message]) -> list[Message]:
    return [message for message in messages if message.role == "system" and message.text]


def _thought_of_tail(messages: Sequence[Message], origin: str) -> bool:
    """Whether the tool calls at the end, if the conversation ends in some, stand behind the model's own reasoning."""
    for message in reversed(messages):
        if message.role != "tool":
            return message.role != "assistant" or bool(own_thoughts(message, origin))
    return True


def _messages(messages: Iterable[Message], endpoint: Endpoint, origin: str) -> list[dict[str, Any]]:
    """The conversation on the wire: it begins with the user, results in a row share one message."""
    ids = WireIds(r"[^a-zA-Z0-9_-]", "_")
    sent: list[dict[str, Any]] = []
    results: list[dict[str, object]] | None = None
    for message in messages:
        if message.role == "tool":
            if results is None:
                results = []
                sent.append({"role": "user", "content": results})
            results.append(_result(message, ids, endpoint.images))
            continue
        results = None
        if message.role == "user":
            sent.append({"role": "user", "content": _seen(message, endpoint.images) or [_text("(empty)")]})
        elif message.role == "assistant" and (content := _said(message, ids, origin)):
            sent.append({"role": "assistant", "content": content})
    if sent and sent[0]["role"] == "assistant":
        sent.insert(0, {"role": "user", "content": [_text("(the conversation goes on)")]})
    return sent


def _text(text: str) -> dict[str, object]:
    return {"type": "text", "text": text}


def _seen(message: Message, shows: bool) -> list[dict[str, object]]:
    """Text and pictures as blocks; the wire refuses empty text."""
    text = text_of(message, shows=shows)
    return [*([_text(text)] if text.strip() else []), *(map(_picture, message.images) if shows else ())]


def _picture(image: Image) -> dict[str, object]:
    return {"type": "image", "source": {"type": "base64", "media_type": image.media_type, "data": image.data}}


def _result(message: Message, ids: WireIds, shows: bool) -> dict[str, object]:
    return {
        "type": "tool_result",
        "tool_use_id": ids.result(message.tool_call_id or ""),
        "content": _seen(message, shows) or [_text(NO_OUTPUT)],
        "is_error": message.is_error,
    }


def _said(message: Message, ids: WireIds, origin: str) -> list[dict[str, object]]:
    """What the model thought, said and called, in this order."""
    thoughts = [_thought(thought) for thought in own_thoughts(message, origin)]
    text = [_text(message.text)] if message.text.strip() else []
    calls: list[dict[str, object]] = [
        {"type": "tool_use", "id": ids.call(call.id), "name": call.name, "input": arguments_of(call)}
        for call in message.tool_calls
    ]
    return [*thoughts, *text, *calls] if text or calls else []


def _thought(thought: Thought) -> dict[str, object]:
    if thought.seal.startswith(_REDACTED):
        return {"type": "redacted_thinking", "data": thought.seal.removeprefix(_REDACTED)}
    return {"type": "thinking", "thinking": thought.text, "signature": thought.seal}


def _marked(messages: list[dict[str, Any]], mark: dict[str, object]) -> list[dict[str, Any]]:
    """`messages` with the cache mark on the newest block of a user, so that the next call reads up to there."""
    last = next((message for message in reversed(messages) if message["role"] == "user"), None)
    if last:
        last["content"][-1].update(mark)
    return messages


class Decoder:
    """Turns the data of one reply's events into `Event`s. Tool calls come out at the end, whole."""

    def __init__(self, site: Site) -> None:
        self.is_done = False
        self._site = site
        self._stop = ""
        self._answer = Answer(site)
        self._thoughts: dict[int, _OpenThought] = {}
        self._counts: dict[str, int] = {}

    @property
    def is_finished(self) -> bool:
        """The answer is complete; only the end mark may follow."""
        return self.is_done or bool(self._stop)

    def feed(self, data: bytes) -> list[Event]:
        """The events of one chunk. Raises `BadReply`, or `ErrorInStream` with the provider's error object."""
        if not (chunk := self._answer.read(data)):
            return []
        match chunk.get("type"):
            case "content_block_delta":
                return self._delta(_index(chunk), _object(chunk, "delta"))
            case "content_block_start":
                return self._begin(_index(chunk), _object(chunk, "content_block"))
            case "content_block_stop":
                return self._seal(_index(chunk))
            case "message_start":
                self._count(_object(chunk, "message"))
            case "message_delta":
                self._stop = string(_object(chunk, "delta").get("stop_reason")) or self._stop
                self._count(chunk)
            case "message_stop":
                self.is_done = True
            case "message":
                return self._whole(chunk)
            case "error":
                raise ErrorInStream(data.decode("utf-8", "replace"))
            case _ if "error" in chunk:
                raise ErrorInStream(data.decode("utf-8", "replace"))
        return []

    def close(self) -> list[Event]:
        """What remains: held text, tool calls, `Finished`. Raises `StreamCut`, `BadReply` or `AnswerRefused`."""
        if not self.is_finished:
            raise stream_cut(self._site)
        if self._stop == "refusal":
            raise refused(self._site, "Anthropic refusal.")
        if self._stop and self._stop not in _STOPS:
            raise bad_reply(self._site, f"Anthropic stop_reason: {self._stop[:80]}")
        return self._answer.end(_STOPS.get(self._stop, "stop"))

    def _begin(self, index: int, block: dict[str, Any]) -> list[Event]:
        match block.get("type"):
            case "text":
                return self._answer.text(block.get("text"))
            case "thinking":
                thought = self._thoughts[index] = _OpenThought()
                return self._think(thought, block)
            case "redacted_thinking":
                self._thoughts[index] = _OpenThought(f"{_REDACTED}{string(block.get('data'))}")
            case "tool_use":
                given = block.get("input")  # some servers put the whole input here, and send no pieces
                arguments = json.dumps(given, ensure_ascii=False) if isinstance(given, dict) and given else ""
                self._answer.call(
                    index=index, call_id=string(block.get("id")), name=string(block.get("name")), arguments=arguments
                )
        return []

    def _delta(self, index: int, delta: dict[str, Any]) -> list[Event]:
        match delta.get("type"):
            case "text_delta":
                return self._answer.text(delta.get("text"))
            case "input_json_delta":
                self._answer.call(index=index, arguments=string(delta.get("partial_json")))
            case "thinking_delta" | "signature_delta":
                return self._think(self._thoughts.setdefault(index, _OpenThought()), delta)
        return []

    def _think(self, thought: _OpenThought, piece: dict[str, Any]) -> list[Event]:
        thought.seal += string(piece.get("signature"))
        events = self._answer.reasoning(piece.get("thinking"))
        thought.text += string(piece.get("thinking"))
        return events

    def _seal(self, index: int) -> list[Event]:
        thought = self._thoughts.pop(index, None)
        if thought is None or not thought.seal:  # without a seal the provider would not take it back
            return []
        return [ThoughtSealed(Thought(self._site.ref, thought.seal, thought.text))]

    def _whole(self, message: dict[str, Any]) -> list[Event]:
        """The events of an answer that was not streamed."""
        events: list[Event] = []
        content = message.get("content")
        for index, block in enumerate(content if isinstance(content, list) else ()):
            if isinstance(block, dict):
                events += [*self._begin(index, block), *self._seal(index)]
        self._stop = string(message.get("stop_reason"))
        self._count(message)
        self.is_done = True
        return events

    def _count(self, holder: dict[str, Any]) -> None:
        """Token counts; those of the end are totals and replace the first ones, where they say anything."""
        usage = _object(holder, "usage")
        self._counts.update({name: count(value) for name, value in usage.items() if count(value)})
        self._answer.usage = Usage(
            self._counts.get("input_tokens", 0),
            self._counts.get("output_tokens", 0),
            self._counts.get("cache_read_input_tokens", 0),
            self._counts.get("cache_creation_input_tokens", 0),
        )


class _OpenThought:
    """Reasoning that still grows."""

    def __init__(self, seal: str = "") -> None:
        self.seal = seal
        self.text = ""


def _index(chunk: dict[str, Any]) -> int:
    index = chunk.get("index")
    return index if isinstance(index, int) else 0


def _object(holder: dict[str, Any], key: str) -> dict[str, Any]:
    value = holder.get(key)
    return value if isinstance(value, dict) else {}
