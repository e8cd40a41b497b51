"""The HTTP server under the app: uvicorn with the protocol's limits, on sockets and with signals that are ours."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from clawfleet.protocol.limits import MAX_FRAME, PING_S
from clawfleet.server.sockets import SocketProtocol

HEADERS = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Permissions-Policy", "camera=(), microphone=(self), geolocation=()"),
]
"""On every response (http-and-web §2)."""
ACCEPT_TURNS = 5
"""Turns of the loop within which an accepted caller has task, transport and protocol."""


class HttpServer(uvicorn.Server):
    """uvicorn that says when it is up and leaves signals to the runtime, whose stop has an order of its own."""

    def __init__(self, app: ASGIApp, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(_config(app, tls))
        self.up = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave signals alone."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve on `sockets`; sets `up` once connections are answered."""
        await super().startup(sockets)
        self.up.set()

    async def stop_accepting(self) -> None:
        """Take no further connection; those that are there stay.

        Whom asyncio has accepted in this moment is let in first: a closed server attaches no transport, and the caller
        would wait at a socket that nobody reads.
        """
        loop = asyncio.get_running_loop()
        for server in self.servers:
            for listening in server.sockets:
                loop.remove_reader(listening)
        for _ in range(ACCEPT_TURNS):
            await asyncio.sleep(0)
        for server in self.servers:
            server.close()


def _config(app: ASGIApp, tls: ssl.SSLContext | None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="none",
        http="httptools",
        ws=SocketProtocol,
        ws_max_size=MAX_FRAME,
        ws_ping_interval=PING_S,
        ws_ping_timeout=PING_S,
        ws_per_message_deflate=False,
        lifespan="off",
        proxy_headers=False,  # it would put a forwarded address in place of the peer's, whose word is judged in access
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=5,
        headers=HEADERS,
        ssl_context_factory=None if tls is None else lambda _config, _default: tls,
    )
