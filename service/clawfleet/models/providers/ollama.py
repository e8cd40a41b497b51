"""`ollama`: POST {baseUrl}/api/chat, one JSON object a line; Ollama's other wires lose tool calls.

`encode` (request to body) and `Decoder` (lines to `Event`s) are pure; `Ollama` says where it goes.
Source: models-and-auth §10, the provider's API reference.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar, Literal

from clawfleet.core.messages import Message, StopReason, Thought, ToolSpec, Usage
from clawfleet.models.providers.answer import Answer, count, objects, string
from clawfleet.models.providers.base import Endpoint, Event, Request, Sampling, ThoughtSealed
from clawfleet.models.providers.call import Call
from clawfleet.models.providers.conversation import NO_OUTPUT, arguments_of, choice_of, in_order, own_thoughts, text_of
from clawfleet.models.providers.effort import OFF, name_of, wire_level_of
from clawfleet.models.providers.failures import Site, bad_reply, stream_cut
from clawfleet.models.providers.http import ErrorInStream, Http
from clawfleet.models.providers.params import NOT_SENT, tuned, wider
from clawfleet.models.providers.streaming import streamed
from clawfleet.models.providers.tool_schema import schema_of

_OPTIONS = {
    "temperature": "temperature",
    "top_p": "top_p",
    "frequency_penalty": "frequency_penalty",
    "presence_penalty": "presence_penalty",
    "seed": "seed",
}
_BESIDE_OPTIONS = frozenset({"keep_alive", "think", "format", "truncate", "shift", "logprobs", "top_logprobs"})
_BY_EFFORT = ("gpt-oss",)
"""Models that are told how hard to think; others only whether."""

_STOPS: dict[str, StopReason] = {"stop": "stop", "length": "length", "load": "stop", "unload": "stop", "": "stop"}


class Ollama:
    """One model behind an Ollama server."""

    api: ClassVar[Literal["ollama"]] = "ollama"

    def __init__(self, endpoint: Endpoint, http: Callable[[], Http]) -> None:
        self._endpoint = endpoint
        self._http = http
        self._auth = {"authorization": f"Bearer {endpoint.api_key}"} if endpoint.api_key else {}
        self._url = f"{root_of(endpoint.base_url)}/api/chat"

    def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """The answer as it arrives; the last event is `Finished`. Raises a leaf of `CallFailed`."""
        site = Site.of(self._endpoint, request.model)
        call = Call(self._url, encode(request, self._endpoint), self._auth, self._endpoint, site)
        return streamed(self._http, call, Decoder(site))


def root_of(base_url: str) -> str:
    """The server's root, also where the address of its OpenAI-like API is written."""
    return base_url.rstrip("/").removesuffix("/v1").removesuffix("/api")


def encode(request: Request, endpoint: Endpoint) -> dict[str, object]:
    """The JSON body for one request: what the endpoint understands of it, and nothing else."""
    request = tuned(request, endpoint)
    origin = f"{endpoint.provider}/{request.model}"
    body: dict[str, object] = {
        "model": request.model,
        "messages": list(_messages(request.messages, endpoint, origin)),
        "stream": True,
    }
    if request.tools and endpoint.compat.get("supportsTools") is not False and choice_of(request.sampling)[0] != "none":
        body["tools"] = [_tool(spec, endpoint) for spec in in_order(request.tools)]
    if (think := _think(request, endpoint)) is not None:
        body["think"] = think
    if form := _format(request.sampling):
        body["format"] = form
    body.update({name: value for name, value in endpoint.params.items() if name in _BESIDE_OPTIONS})
    if options := _options(request.sampling, endpoint):
        body["options"] = options
    return wider(body, endpoint)


def _options(sampling: Sampling, endpoint: Endpoint) -> dict[str, object]:
    """What the model runs with: the operator's own words, then the caller's; the context as large as it is told."""
    written = endpoint.params
    said = {name: value for name, value in written.items() if name not in NOT_SENT and name not in _BESIDE_OPTIONS}
    size = said.get("num_ctx")
    if not isinstance(size, int) or isinstance(size, bool) or size <= 0:
        said.pop("num_ctx", None)
        if endpoint.context_window:
            said["num_ctx"] = endpoint.context_window
    said.update({name: value for key, name in _OPTIONS.items() if (value := getattr(sampling, key)) is not None})
    if limit := sampling.max_tokens or endpoint.max_tokens:
        said["num_predict"] = limit
    if sampling.stop:
        said["stop"] = list(sampling.stop)
    return said


def _think(request: Request, endpoint: Endpoint) -> bool | str | None:
    """Whether, or how hard, to think; None for a model that does not."""
    level = wire_level_of(request.sampling, endpoint)
    if level is None:
        return None
    if named := name_of(level, endpoint):
        return named
    if any(name in request.model.lower() for name in _BY_EFFORT):
        return {OFF: "low", "minimal": "low", "xhigh": "high", "max": "high"}.get(level, level)
    return level != OFF


def _format(sampling: Sampling) -> object:
    wanted = sampling.response_format or {}
    schema = wanted.get("json_schema")
    if isinstance(schema, Mapping) and "schema" in schema:
        return schema["schema"]
    return "json" if wanted.get("type") in ("json_object", "json_schema") else None


def _tool(spec: ToolSpec, endpoint: Endpoint) -> dict[str, object]:
    parameters = schema_of(spec, endpoint.compat)
    return {
        "type": "function",
        "function": {"name": spec.name, "description": spec.description, "parameters": parameters},
    }


def _messages(messages: Iterable[Message], endpoint: Endpoint, origin: str) -> Iterator[dict[str, object]]:
    """The conversation on the wire. Pictures of a tool's result are shown with it."""
    for message in messages:
        text = text_of(message, shows=endpoint.images)
        pictures = [image.data for image in message.images] if endpoint.images else []
        seen = {"images": pictures} if pictures else {}
        match message.role:
            case "tool":
                named = {"tool_name": message.tool_name} if message.tool_name else {}
                yield {"role": "tool", "content": text or NO_OUTPUT, **named, **seen}
            case "assistant":
                if message.text or message.tool_calls:
                    yield _said(message, origin)
            case role:
                yield {"role": role, "content": text, **seen}


def _said(message: Message, origin: str) -> dict[str, object]:
    """What the model thought, said and called."""
    said: dict[str, object] = {"role": "assistant", "content": message.text}
    if thought := "\n\n".join(each.text for each in own_thoughts(message, origin) if each.text):
        said["thinking"] = thought
    if message.tool_calls:
        called = [{"name": call.name, "arguments": arguments_of(call)} for call in message.tool_calls]
        said["tool_calls"] = [{"function": function} for function in called]
    return said


class Decoder:
    """Turns the lines of one reply into `Event`s. Tool calls come out at the end, whole."""

    def __init__(self, site: Site) -> None:
        self.is_done = False
        self._site = site
        self._stop = ""
        self._calls = 0
        self._thought: list[str] = []
        self._answer = Answer(site)

    @property
    def is_finished(self) -> bool:
        """The answer is complete."""
        return self.is_done

    def feed(self, data: bytes) -> list[Event]:
        """The events of one line. Raises `BadReply`, or `ErrorInStream` with the provider's error object."""
        chunk = self._answer.read(data)
        if error := chunk.get("error"):  # it says what, never of which kind: the server began, so it broke
            raise ErrorInStream(json.dumps({"error": {"message": str(error), "type": "server_error"}}))
        message = chunk.get("message")
        events = self._message(message) if isinstance(message, dict) else []
        if chunk.get("done") is True:
            self.is_done = True
            self._stop = string(chunk.get("done_reason"))
            self._answer.usage = Usage(count(chunk.get("prompt_eval_count")), count(chunk.get("eval_count")))
        return events

    def close(self) -> list[Event]:
        """What remains: held text, tool calls, `Finished`. Raises `StreamCut` or `BadReply`."""
        if not self.is_done:
            raise stream_cut(self._site)
        if self._stop not in _STOPS:
            raise bad_reply(self._site, f"Ollama done_reason: {self._stop[:80]}")
        thought = "".join(self._thought)
        sealed: list[Event] = [ThoughtSealed(Thought(self._site.ref, "", thought))] if thought and self._calls else []
        return [*sealed, *self._answer.end(_STOPS[self._stop])]

    def _message(self, message: dict[str, Any]) -> list[Event]:
        events = self._answer.reasoning(message.get("thinking"))
        self._thought.append(string(message.get("thinking")))
        events += self._answer.text(message.get("content"))
        for call in objects(message.get("tool_calls")):
            function = call.get("function")
            if isinstance(function, dict):
                self._calls += 1
                arguments = function.get("arguments")
                text = json.dumps(arguments, ensure_ascii=False) if isinstance(arguments, dict) else string(arguments)
                self._answer.call(
                    index=self._calls, call_id=string(call.get("id")), name=string(function.get("name")), arguments=text
                )
        return events
