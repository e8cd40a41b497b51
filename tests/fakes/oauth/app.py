"""A login server that renews each refresh token once, as strict servers do.

POST /token      grant_type=refresh_token; the next token is `refresh-<n>`, its access token `access-<n>`
POST /_hold      renewals wait until /_release
GET  /_requests  what was asked of /token; ?at_least=N&timeout_s=S waits for N
"""

from __future__ import annotations

import asyncio

from aiohttp import web

from tests.fakes.journal import Journal

FIRST = "refresh-0"


class LoginServer:
    """The state of one fake."""

    def __init__(self) -> None:
        self.good = FIRST
        self.requests = Journal()
        self.gate = asyncio.Event()
        self.gate.set()

    def app(self) -> web.Application:
        """The application that serves this fake."""
        app = web.Application()
        app.add_routes(
            [
                web.post("/token", self.token),
                web.post("/_hold", self.hold),
                web.post("/_release", self.release),
                web.get("/_requests", self.list_requests),
            ]
        )
        return app

    async def token(self, request: web.Request) -> web.StreamResponse:
        """New tokens for a refresh token that is still good; 400 for one that was used."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        await self.requests.add({"form": form, "outcome": ""})
        await self.gate.wait()
        if form.get("grant_type") != "refresh_token" or form.get("refresh_token") != self.good:
            return web.json_response({"error": "invalid_grant"}, status=400)
        number = len(self.requests.entries)
        self.good = f"refresh-{number}"
        return web.json_response({"access_token": f"access-{number}", "refresh_token": self.good, "expires_in": 3600})

    async def hold(self, request: web.Request) -> web.StreamResponse:
        """Let renewals wait."""
        self.gate.clear()
        return web.json_response({})

    async def release(self, request: web.Request) -> web.StreamResponse:
        """Answer those that wait, and all after them."""
        self.gate.set()
        return web.json_response({})

    async def list_requests(self, request: web.Request) -> web.StreamResponse:
        """What was asked so far."""
        return await self.requests.reply(request, "requests", lambda entry: True)


def make_app() -> web.Application:
    """A fresh fake."""
    return LoginServer().app()
