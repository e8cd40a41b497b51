"""`google-generative-ai`: POST {baseUrl}/models/{id}:streamGenerateContent?alt=sse.

`encode` (request to body) and `Decoder` (data of events to `Event`s) are pure; `GoogleGenerativeAI` says where it
goes. Source: models-and-auth §4, the provider's API reference.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable
from typing import Any, ClassVar, Literal
from urllib.parse import quote

from clawfleet.core.clock import now_ms
from clawfleet.core.messages import Image, Message, Thought, ToolSpec, Usage
from clawfleet.models.hosts import nearness
from clawfleet.models.providers.answer import Answer, count, objects, string
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
from clawfleet.models.providers.failures import Site, malformed_call, refused, stream_cut
from clawfleet.models.providers.google_thinking import is_gemini_3, thinking_config
from clawfleet.models.providers.http import ErrorInStream, Http
from clawfleet.models.providers.params import tuned, wider
from clawfleet.models.providers.streaming import streamed
from clawfleet.models.providers.tool_schema import schema_of

LOCAL_KEY = "custom-local"  # what servers on this machine are sent for want of a key
_BROKEN_CALL = frozenset(("MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL"))
_UNSEALED = "skip_thought_signature_validator"  # the provider's own word for calls whose seal is lost
_TUNED = {
    "temperature": "temperature",
    "top_p": "topP",
    "frequency_penalty": "frequencyPenalty",
    "presence_penalty": "presencePenalty",
    "seed": "seed",
}


class GoogleGenerativeAI:
    """One model behind an endpoint that speaks Google's generateContent."""

    api: ClassVar[Literal["google-generative-ai"]] = "google-generative-ai"

    def __init__(self, endpoint: Endpoint, http: Callable[[], Http]) -> None:
        self._endpoint = endpoint
        self._http = http
        key = endpoint.api_key or (LOCAL_KEY if nearness(endpoint.base_url) == "loopback" else "")
        self._auth = {"x-goog-api-key": key} if key else {}

    def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """The answer as it arrives; the last event is `Finished`. Raises a leaf of `CallFailed`."""
        site = Site.of(self._endpoint, request.model)
        body = encode(request, self._endpoint)
        call = Call(self._url(request.model), body, self._auth, self._endpoint, site)
        return streamed(self._http, call, Decoder(site))

    def _url(self, model: str) -> str:
        name = quote(model.removeprefix("models/"), safe="/@:-._~")
        return f"{self._endpoint.base_url.rstrip('/')}/models/{name}:streamGenerateContent?alt=sse"


def encode(request: Request, endpoint: Endpoint) -> dict[str, object]:
    """The JSON body for one request: what the endpoint understands of it, and nothing else."""
    request = tuned(request, endpoint)
    body: dict[str, object] = {
        "contents": _contents(request, endpoint),
        "generationConfig": _generation(request, endpoint),
    }
    if system := [{"text": said.text} for said in request.messages if said.role == "system" and said.text]:
        body["systemInstruction"] = {"role": "user", "parts": system}
    if request.tools and endpoint.compat.get("supportsTools") is not False:
        body["tools"] = [{"functionDeclarations": [_tool(spec, endpoint) for spec in in_order(request.tools)]}]
        if choice := _choice(request.sampling):
            body["toolConfig"] = {"functionCallingConfig": choice}
    return wider(body, endpoint)


def _generation(request: Request, endpoint: Endpoint) -> dict[str, object]:
    sampling = request.sampling
    said: dict[str, object] = {
        name: value for key, name in _TUNED.items() if (value := getattr(sampling, key)) is not None
    }
    if limit := sampling.max_tokens or endpoint.max_tokens:
        said["maxOutputTokens"] = limit
    if sampling.stop:
        said["stopSequences"] = list(sampling.stop)
    wanted = sampling.response_format or {}
    if wanted.get("type") in ("json_object", "json_schema"):
        said["responseMimeType"] = "application/json"
        schema = wanted.get("json_schema")
        if isinstance(schema, dict) and "schema" in schema:
            said["responseJsonSchema"] = schema["schema"]
    if thinking := thinking_config(request.model, sampling, endpoint):
        said["thinkingConfig"] = thinking
    return said


def _choice(sampling: Sampling) -> dict[str, object] | None:
    kind, name = choice_of(sampling)
    if kind == "tool":
        return {"mode": "ANY", "allowedFunctionNames": [name]}
    return None if kind == "auto" else {"mode": "ANY" if kind == "required" else "NONE"}


def _tool(spec: ToolSpec, endpoint: Endpoint) -> dict[str, object]:
    schema = schema_of(spec, endpoint.compat)
    return {"name": spec.name, "description": spec.description, "parametersJsonSchema": schema}


def _contents(request: Request, endpoint: Endpoint) -> list[dict[str, Any]]:
    """The conversation on the wire: results in a row share one content, their pictures follow them."""
    ids, origin = WireIds(r"[^a-zA-Z0-9]", ""), f"{endpoint.provider}/{request.model}"
    sees_results = endpoint.images and is_gemini_3(request.model)
    unsealed = _UNSEALED if is_gemini_3(request.model) else ""
    sent: list[dict[str, Any]] = []
    pictures: list[dict[str, object]] = []
    for message in request.messages:
        if message.role != "tool" and pictures:
            sent.append({"role": "user", "parts": [{"text": "(from the tool)"}, *pictures]})
            pictures = []
        match message.role:
            case "user":
                sent.append({"role": "user", "parts": _seen(message, endpoint.images) or [{"text": ""}]})
            case "assistant":
                if parts := _said(message, ids, origin, unsealed):
                    sent.append({"role": "model", "parts": parts})
            case "tool":
                shown = [_picture(image) for image in message.images] if endpoint.images else []
                part = _result(message, ids, endpoint.images, shown if sees_results else [])
                pictures += [] if sees_results else shown
                _append_result(sent, part)
    if pictures:
        sent.append({"role": "user", "parts": [{"text": "(from the tool)"}, *pictures]})
    if sent and sent[0]["role"] == "model":
        sent.insert(0, {"role": "user", "parts": [{"text": "(the conversation goes on)"}]})
    return sent


def _append_result(sent: list[dict[str, Any]], part: dict[str, object]) -> None:
    if sent and "functionResponse" in sent[-1]["parts"][-1]:
        sent[-1]["parts"].append(part)
    else:
        sent.append({"role": "user", "parts": [part]})


def _seen(message: Message, shows: bool) -> list[dict[str, object]]:
    text = text_of(message, shows=shows)
    return [*([{"text": text}] if text else []), *(map(_picture, message.images) if shows else ())]


def _picture(image: Image) -> dict[str, object]:
    return {"inlineData": {"mimeType": image.media_type, "data": image.data}}


def _result(message: Message, ids: WireIds, shows: bool, pictures: list[dict[str, object]]) -> dict[str, object]:
    response: dict[str, object] = {
        "id": ids.result(message.tool_call_id or ""),
        "name": message.tool_name or "tool",
        "response": {"error" if message.is_error else "output": text_of(message, shows=shows) or NO_OUTPUT},
    }
    if pictures:
        response["parts"] = pictures
    return {"functionResponse": response}


def _said(message: Message, ids: WireIds, origin: str, unsealed: str) -> list[dict[str, Any]]:
    """What the model said and called, with the seals that it wants to see again."""
    thoughts = own_thoughts(message, origin)
    of_calls = {thought.call_id: thought.seal for thought in thoughts if thought.call_id}
    seals = [thought for thought in thoughts if not thought.call_id]
    parts: list[dict[str, Any]] = [{"text": thought.text, "thought": True} for thought in seals if thought.text]
    if message.text:
        seal = next((thought.seal for thought in seals if thought.seal), "")
        parts.append({"text": message.text, **({"thoughtSignature": seal} if seal else {})})
    for position, call in enumerate(message.tool_calls):
        function = {"id": ids.call(call.id), "name": call.name, "args": arguments_of(call)}
        # Of calls made at once only the first one carries a seal.
        seal = of_calls.get(call.id) or (unsealed if position == 0 and not of_calls else "")
        parts.append({"functionCall": function, **({"thoughtSignature": seal} if seal else {})})
    return parts if message.text or message.tool_calls else []


class Decoder:
    """Turns the data of one reply's events into `Event`s. Tool calls come out at the end, whole."""

    def __init__(self, site: Site) -> None:
        self.is_done = False  # this wire has no end mark: the connection ends
        self._site = site
        self._finish = ""
        self._blocked = ""
        self._calls = 0
        self._answer = Answer(site)

    @property
    def is_finished(self) -> bool:
        """The answer is complete; only usage may follow."""
        return bool(self._finish or self._blocked)

    def feed(self, data: bytes) -> list[Event]:
        """The events of one chunk. Raises `BadReply`, or `ErrorInStream` with the provider's error object."""
        if data.strip() == b"[DONE]":
            return []
        chunk = self._answer.read(data)
        if chunk.get("error"):
            raise ErrorInStream(data.decode("utf-8", "replace"))
        self._count(chunk.get("usageMetadata"))
        candidates = objects(chunk.get("candidates"))
        if not candidates:
            feedback = chunk.get("promptFeedback")
            self._blocked = string(feedback.get("blockReason")) if isinstance(feedback, dict) else self._blocked
            return []
        events: list[Event] = []
        content = candidates[0].get("content")
        for part in objects(content.get("parts")) if isinstance(content, dict) else ():
            events += self._part(part)
        self._finish = string(candidates[0].get("finishReason")) or self._finish
        return events

    def close(self) -> list[Event]:
        """What remains: held text, tool calls, `Finished`. Raises `StreamCut`, `BadReply` or `AnswerRefused`."""
        if self._blocked:
            raise refused(self._site, f"Google prompt blocked ({self._blocked[:80]})")
        if not self._finish:
            raise stream_cut(self._site)
        if self._finish in _BROKEN_CALL:
            raise malformed_call(self._site, self._finish.lower())
        if self._finish not in ("STOP", "MAX_TOKENS"):
            raise refused(self._site, f"Google generation stopped ({self._finish[:80]})")
        return self._answer.end("stop" if self._finish == "STOP" else "length")

    def _part(self, part: dict[str, Any]) -> list[Event]:
        seal = string(part.get("thoughtSignature"))
        if isinstance(function := part.get("functionCall"), dict):
            return self._call(function, seal)
        text = part.get("text")
        if part.get("thought") is True:
            return self._answer.reasoning(text)
        events = self._answer.text(text)
        if seal:
            events.append(ThoughtSealed(Thought(self._site.ref, seal)))
        return events

    def _call(self, function: dict[str, Any], seal: str) -> list[Event]:
        name, args = string(function.get("name")), function.get("args")
        self._calls += 1
        call_id = string(function.get("id")) or f"{name}_{now_ms()}_{self._calls}"
        arguments = json.dumps(args, ensure_ascii=False) if isinstance(args, dict) else ""
        self._answer.call(index=self._calls, call_id=call_id, name=name, arguments=arguments)
        return [ThoughtSealed(Thought(self._site.ref, seal, call_id=call_id))] if seal else []

    def _count(self, usage: object) -> None:
        """Token counts are totals so far; the newest ones hold."""
        if not isinstance(usage, dict):
            return
        cached = count(usage.get("cachedContentTokenCount"))
        fresh = max(0, count(usage.get("promptTokenCount")) - cached) + count(usage.get("toolUsePromptTokenCount"))
        said = count(usage.get("candidatesTokenCount")) + count(usage.get("thoughtsTokenCount"))
        self._answer.usage = Usage(fresh, said, cached)
