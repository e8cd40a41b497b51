"""A web server on this machine for the tests of the web tools, and names that lead to it or elsewhere."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Site:
    """A running server; `asked` are the paths that reached it, with their headers."""

    port: int = 0
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def url(self, host: str, path: str = "/") -> str:
        """An address that leads here when `host` does."""
        return f"http://{host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        """The paths that reached it."""
        return [path for path, _ in self.asked]


@asynccontextmanager
async def running_site(answer: Answer) -> AsyncIterator[Site]:
    """A server on 127.0.0.1 whose every path is answered by `answer`."""
    site = Site()

    async def note(request: web.Request) -> web.StreamResponse:
        site.asked.append((request.path, dict(request.headers)))
        return await answer(request)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", note)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        listening = web.TCPSite(runner, "127.0.0.1", 0)
        await listening.start()
        site.port = runner.addresses[0][1]
        yield site
    finally:
        await runner.cleanup()


class Names(AbstractResolver):
    """Looks names up in a table; a name with several rows gives the next one each time: DNS rebinding."""

    def __init__(self, rows: Mapping[str, Sequence[Sequence[str]]]) -> None:
        self._rows = {name: list(answers) for name, answers in rows.items()}
        self.asked: list[str] = []

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> list[ResolveResult]:
        """The next answer of that name; the last one stays."""
        self.asked.append(host)
        answers = self._rows[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            {
                "hostname": host,
                "host": address,
                "port": port,
                "family": socket.AF_INET6 if ":" in address else socket.AF_INET,
                "proto": 0,
                "flags": socket.AI_NUMERICHOST,
            }
            for address in addresses
        ]

    async def close(self) -> None:
        """Nothing to close."""
