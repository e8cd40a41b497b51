"""A provider that speaks the OpenAI API and does as it is told: models, chat completions, and a way to direct it.

GET  /v1/models, /v1/models/{id}      POST /v1/chat/completions, plain and streamed
POST /_script    a list of behaviours, used up one per chat request before models' own behaviour counts again
GET  /_requests  chat requests: path, masked headers, fingerprint of the key, body, outcome (empty while it runs);
                 ?at_least=N&timeout_s=S waits for N of them, with &ended=1 for N that have an outcome
POST /_keys      {"key": {"like": "fail-429"}, "other": {}}: further keys, and what each of them is answered
POST /_models    {"claude-opus-4-6": {}, "other": {"like": "fast"}}: the models that there are from now on, instead
POST /_reset     forgets script, keys, models and requests
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import secrets
import time
from collections import deque
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from tests.fakes.journal import Entry, Journal
from tests.fakes.openai.behaviours import NAMED, Behaviour, scripted, settled
from tests.fakes.openai.checks import Refused, check_request
from tests.fakes.openai.wire import Head, completion, error_frame, frames, in_small_pieces, model_row, usage

DEFAULT_KEY = "fake-key"
MAX_BODY_BYTES = 64 * 1024 * 1024
MASKED = frozenset({"authorization", "x-api-key", "cookie"})
GO_ON = web.AppKey("go_on", asyncio.Event)


class FakeProvider:
    """The state of one fake: its key, what it is told to do, what it was asked."""

    def __init__(self, key: str = DEFAULT_KEY) -> None:
        self.key = key
        self.script: deque[Behaviour] = deque()
        self.keys: dict[str, Behaviour | None] = {}
        self.models = NAMED
        self.requests = Journal()

    def app(self) -> web.Application:
        """The application that serves this fake."""
        app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[_answer_refusals])
        app.add_routes(
            [
                web.get("/v1/models", self.list_models),
                web.get("/v1/models/{id:.+}", self.get_model),
                web.post("/v1/chat/completions", self.chat),
                web.post("/v1/embeddings", self.embed),
                web.post("/_script", self.set_script),
                web.post("/_go_on", self.go_on),
                web.post("/_keys", self.set_keys),
                web.post("/_models", self.set_models),
                web.get("/_requests", self.list_requests),
                web.post("/_reset", self.reset),
            ]
        )
        app[GO_ON] = asyncio.Event()
        return app

    async def list_models(self, request: web.Request) -> web.StreamResponse:
        """All names that choose a behaviour."""
        self._check_key(request)
        return web.json_response({"object": "list", "data": [model_row(name) for name in self.models]})

    async def get_model(self, request: web.Request) -> web.StreamResponse:
        """One of them, or 404."""
        self._check_key(request)
        name = request.match_info["id"]
        self._known(name)
        return web.json_response(model_row(name))

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """An answer as the script or the model's name wants it; recorded whatever becomes of it."""
        entry = _record(request, await request.read())
        await self.requests.add(entry)
        try:
            self._check_key(request)
            body = check_request(entry["body"])
            told = self.keys.get(_bearer(request) or "")
            if told is None:
                told = self.script.popleft() if self.script else self._known(body["model"])
            response = await _follow(told, request, entry)
            entry["outcome"] = entry["outcome"] or str(response.status)
            return response
        except Refused as refused:
            entry["outcome"] = str(refused.status)
            raise
        except (asyncio.CancelledError, ConnectionResetError):
            entry["outcome"] = "client left"
            raise
        finally:
            await self.requests.touch()

    async def embed(self, request: web.Request) -> web.StreamResponse:
        """One vector for each text, made of its length and its words; recorded as a chat is."""
        entry = _record(request, await request.read())
        await self.requests.add(entry)
        try:
            self._check_key(request)
            if (told := self.keys.get(_bearer(request) or "")) is not None:
                return await _follow(told, request, entry)
            body = entry["body"]
            texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
            size = body.get("dimensions", 3)
            rows = [[float(len(text)), float(len(text.split())), *[0.5] * size][:size] for text in texts]
            return web.json_response(
                {
                    "object": "list",
                    "data": [{"object": "embedding", "index": at, "embedding": row} for at, row in enumerate(rows)],
                    "model": body["model"],
                    "usage": {"prompt_tokens": len(texts), "total_tokens": len(texts)},
                }
            )
        finally:
            entry["outcome"] = entry["outcome"] or "200"
            await self.requests.touch()

    async def set_script(self, request: web.Request) -> web.StreamResponse:
        """Adds entries to the queue; 400 for one that says nothing sensible."""
        try:
            self.script.extend([scripted(entry) for entry in await request.json()])
        except (ValueError, TypeError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({"queued": len(self.script)})

    async def go_on(self, request: web.Request) -> web.StreamResponse:
        """Has the second half of every answer come that waits for that."""
        request.app[GO_ON].set()
        return web.json_response({})

    async def set_keys(self, request: web.Request) -> web.StreamResponse:
        """Takes further keys; one without a behaviour of its own is as good as the first."""
        for key, told in (await request.json()).items():
            self.keys[key] = scripted(told) if told else None
        return web.json_response({"keys": len(self.keys)})

    async def set_models(self, request: web.Request) -> web.StreamResponse:
        """Has these models instead of all; one without a behaviour echoes."""
        self.models = {name: scripted(told) for name, told in (await request.json()).items()}
        return web.json_response({"models": len(self.models)})

    async def list_requests(self, request: web.Request) -> web.StreamResponse:
        """What was asked so far, oldest first, after waiting for as many as wanted."""
        only_ended = request.query.get("ended") == "1"
        return await self.requests.reply(request, "requests", lambda entry: bool(entry["outcome"]) or not only_ended)

    async def reset(self, request: web.Request) -> web.StreamResponse:
        """Forgets script, keys, models and requests."""
        self.script.clear()
        self.keys.clear()
        self.models = NAMED
        self.requests.entries.clear()
        return web.json_response({})

    def _known(self, name: str) -> Behaviour:
        """What a model that is there does. Raises Refused with 404."""
        if name not in self.models:
            raise Refused(f"The model `{name}` does not exist.", status=404, code="model_not_found")
        return self.models[name]

    def _check_key(self, request: web.Request) -> None:
        given = _bearer(request)
        if given is None:
            raise Refused("You didn't provide an API key; send it as Authorization: Bearer KEY.", status=401)
        if given not in self.keys and not secrets.compare_digest(given.encode(), self.key.encode()):
            raise Refused("Incorrect API key provided.", status=401, code="invalid_api_key")


def fingerprint(key: str) -> str:
    """What the record shows instead of a key: twelve hex digits of its hash."""
    return hashlib.sha256(key.encode()).hexdigest()[:12]


def make_app() -> web.Application:
    """A fresh fake; FAKE_OPENAI_KEY sets the key it wants."""
    return FakeProvider(os.environ.get("FAKE_OPENAI_KEY", DEFAULT_KEY)).app()


@web.middleware
async def _answer_refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refused as refused:
        return web.json_response(refused.body(), status=refused.status)


async def _follow(told: Behaviour, request: web.Request, entry: Entry) -> web.StreamResponse:
    """The answer that a behaviour asks for."""
    if told.status >= 400:
        if told.raw:
            return web.Response(status=told.status, headers=told.headers, text=told.raw)
        return web.json_response({"error": told.error}, status=told.status, headers=told.headers)
    body = entry["body"]
    behaviour = settled(told, body)
    if body.get("stream"):
        pieces, headers = _pieces(body, behaviour), {"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
    else:
        data = _whole(body, behaviour)
        pieces, headers = [data], {"Content-Type": "application/json", "Content-Length": str(len(data))}
        if behaviour.ending in ("cut", "stall"):
            pieces = [data[: len(data) // 2]] if behaviour.text else []
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    for count, piece in enumerate(pieces):
        if behaviour.waits and count == len(pieces) // 2:
            await request.app[GO_ON].wait()
        await response.write(piece)
        if behaviour.piece_ms:
            await asyncio.sleep(behaviour.piece_ms / 1000)
    if behaviour.ending == "stall":
        await asyncio.Event().wait()
    if behaviour.ending == "cut" and request.transport is not None:
        entry["outcome"] = "cut"
        request.transport.close()
        return response
    await response.write_eof()
    return response


def _whole(body: dict[str, Any], behaviour: Behaviour) -> bytes:
    counted = usage(body, behaviour)
    text = behaviour.raw or json.dumps(completion(_head(body), behaviour, counted), ensure_ascii=False)
    return text.encode()


def _pieces(body: dict[str, Any], behaviour: Behaviour) -> list[bytes]:
    """What a streamed answer sends before its ending, one element per write."""
    if behaviour.ending == "stall" and not behaviour.text:
        return []
    if behaviour.raw:
        return [f"data: {behaviour.raw}\n\n".encode()]
    whole = list(frames(_head(body), behaviour, usage(body, behaviour)))
    if behaviour.ending == "error":
        unfinished = whole[: -2 - bool((body.get("stream_options") or {}).get("include_usage"))]
        return [*unfinished, error_frame(behaviour.error)]
    if behaviour.ending in ("cut", "stall"):
        return whole[: len(whole) // 2]
    if behaviour.pieces == "bytes":
        return list(in_small_pieces(b"".join(whole)))
    return [b"".join(whole)] if behaviour.pieces == "whole" else whole


def _head(body: dict[str, Any]) -> Head:
    with_usage = bool((body.get("stream_options") or {}).get("include_usage"))
    return Head(f"chatcmpl-{secrets.token_hex(12)}", int(time.time()), body["model"], with_usage)


def _bearer(request: web.Request) -> str | None:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key if scheme.lower() == "bearer" and key else None


def _record(request: web.Request, raw: bytes) -> Entry:
    """The journal's entry of a request; a body that is no JSON is null."""
    headers = {name.lower(): "***" if name.lower() in MASKED else value for name, value in request.headers.items()}
    key = _bearer(request)
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    auth = fingerprint(key) if key else None
    return {"path": request.path, "headers": headers, "auth": auth, "body": body, "outcome": ""}
