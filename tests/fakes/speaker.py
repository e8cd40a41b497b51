"""A provider that speaks one dialect and does as it is told, over HTTP; see `tests.fakes.openai.app` for its controls.

GET  /_requests  POST /_script  POST /_reset   as the fake of OpenAI has them
POST anything else is a request to the model.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from collections import deque
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from tests.fakes.dialect import Dialect, Heard, Refused, Reply, settled
from tests.fakes.journal import Entry, Journal
from tests.fakes.openai.app import DEFAULT_KEY, MAX_BODY_BYTES, fingerprint
from tests.fakes.openai.behaviours import NAMED, Behaviour, scripted
from tests.fakes.openai.wire import in_small_pieces

MASKED = frozenset({"authorization", "x-api-key", "x-goog-api-key", "cookie"})


class Speaker:
    """The state of one fake: its key, what it is told to do, what it was asked."""

    def __init__(self, dialect: Dialect, key: str = DEFAULT_KEY) -> None:
        self.dialect = dialect
        self.key = key
        self.script: deque[Behaviour] = deque()
        self.requests = Journal()

    def app(self, routes: Sequence[web.RouteDef] = ()) -> web.Application:
        """The application that serves this fake, with what else its wire knows."""
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        app.add_routes(
            [
                *routes,
                web.post("/_script", self.set_script),
                web.get("/_requests", self.list_requests),
                web.post("/_reset", self.reset),
                web.post("/{path:.*}", self.chat),
            ]
        )
        return app

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """An answer as the script or the model's name wants it; recorded whatever becomes of it."""
        entry = self._record(request, await request.read())
        await self.requests.add(entry)
        try:
            self.check_key(request)
            heard = self.dialect.hear(request.path, entry["body"])
            if heard.model not in NAMED:
                raise Refused(f"The model {heard.model} does not exist.", 404)
            told = self.script.popleft() if self.script else NAMED[heard.model]
            response = await self._follow(settled(told, heard), heard, request, entry)
            entry["outcome"] = entry["outcome"] or str(response.status)
            return response
        except Refused as refused:
            entry["outcome"] = str(refused.status)
            return web.json_response(
                self.dialect.error(refused.status, str(refused), refused.kind), status=refused.status
            )
        except (asyncio.CancelledError, ConnectionResetError):
            entry["outcome"] = "client left"
            raise
        finally:
            await self.requests.touch()

    async def set_script(self, request: web.Request) -> web.StreamResponse:
        """Adds entries to the queue."""
        self.script.extend([scripted(entry) for entry in await request.json()])
        return web.json_response({"queued": len(self.script)})

    async def list_requests(self, request: web.Request) -> web.StreamResponse:
        """What was asked so far, oldest first, after waiting for as many as wanted."""
        only_ended = request.query.get("ended") == "1"
        return await self.requests.reply(request, "requests", lambda entry: bool(entry["outcome"]) or not only_ended)

    async def reset(self, request: web.Request) -> web.StreamResponse:
        """Forgets script and requests."""
        self.script.clear()
        self.requests.entries.clear()
        return web.json_response({})

    def check_key(self, request: web.Request) -> None:
        """Raises Refused for a request that does not show the key, if one is wanted at all."""
        if not self.key:
            return
        given = self.dialect.key(request.headers)
        if given is None:
            raise Refused("No key was shown.", 401)
        if not secrets.compare_digest(given.encode(), self.key.encode()):
            raise Refused("This key is not valid: invalid api key.", 401)

    @property
    def _stream_type(self) -> str:
        return "application/x-ndjson" if self.dialect.lines else "text/event-stream"

    def _record(self, request: web.Request, raw: bytes) -> Entry:
        headers = {name.lower(): "***" if name.lower() in MASKED else value for name, value in request.headers.items()}
        key = self.dialect.key(request.headers)
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        auth = fingerprint(key) if key else None
        return {"path": request.path_qs, "headers": headers, "auth": auth, "body": body, "outcome": ""}

    async def _follow(self, told: Behaviour, heard: Heard, request: web.Request, entry: Entry) -> web.StreamResponse:
        if told.status >= 400:
            said = told.error.get("message", "It failed.")
            text = told.raw or json.dumps(self.dialect.error(told.status, said, told.error.get("type", "")))
            kind = {} if told.raw else {"Content-Type": "application/json"}
            return web.Response(status=told.status, headers={**kind, **told.headers}, text=text)
        response = web.StreamResponse(
            headers={"Content-Type": self._stream_type if heard.streams else "application/json"}
        )
        await response.prepare(request)
        for piece in self._pieces(told, heard):
            await response.write(piece)
            if told.piece_ms:
                await asyncio.sleep(told.piece_ms / 1000)
        if told.ending == "stall":
            await asyncio.Event().wait()
        if told.ending == "cut" and request.transport is not None:
            entry["outcome"] = "cut"
            request.transport.close()
            return response
        await response.write_eof()
        return response

    def _pieces(self, told: Behaviour, heard: Heard) -> list[bytes]:
        """What is sent before the ending, one element per write."""
        reply = _reply(told, heard)
        if told.ending == "stall" and not told.text:
            return []
        if not heard.streams:
            return [(told.raw or json.dumps(self.dialect.whole(reply), ensure_ascii=False)).encode()]
        if told.raw:
            return [f"{told.raw}\n".encode() if self.dialect.lines else f"data: {told.raw}\n\n".encode()]
        return self._streamed(told, self.dialect.frames(reply))

    def _streamed(self, told: Behaviour, frames: list[bytes]) -> list[bytes]:
        if told.ending == "error":
            failure = self.dialect.error(int(told.error.get("code", 500)), told.error.get("message", "It failed."))
            last = json.dumps(failure).encode() + b"\n" if self.dialect.lines else _frame(failure)
            return [*self.dialect.unfinished(frames), last]
        if told.ending in ("cut", "stall"):
            return frames[: len(frames) // 2]
        if told.pieces == "bytes":
            return list(in_small_pieces(b"".join(frames)))
        return [b"".join(frames)] if told.pieces == "whole" else frames


def _frame(failure: dict[str, Any]) -> bytes:
    name = f"event: {failure['type']}\n" if isinstance(failure.get("type"), str) else ""
    return f"{name}data: {json.dumps(failure)}\n\n".encode()


def _reply(told: Behaviour, heard: Heard) -> Reply:
    ident = secrets.token_hex(12)
    count = told.at_once if told.tool else 0
    calls = tuple((f"call_{ident[-8:]}_{number}", told.tool, told.arguments) for number in range(count))
    thought = len(told.reasoning.split()) if heard.thinks else 0
    said = len((told.text or "").split()) + sum(len(arguments) // 4 for _, _, arguments in calls)
    usage = {"input": heard.words + 100 * heard.images, "output": said, "thought": thought, "cached": told.cached}
    return Reply(ident, heard, told, calls, usage)


def make(dialect: Dialect) -> web.Application:
    """A fresh fake; FAKE_KEY sets the key it wants."""
    return Speaker(dialect, os.environ.get("FAKE_KEY", DEFAULT_KEY)).app()
