"""A house with its doors open: the real app on a real port of loopback, in the test's own event loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp

from clawfleet.access.gateway_auth import GatewayAuth
from clawfleet.server.app import build_app
from clawfleet.server.broadcast import Broadcast
from clawfleet.server.hello import gate_of
from clawfleet.server.listen import listen
from clawfleet.server.pulse import Pulse
from clawfleet.server.serving import HttpServer
from clawfleet.server.ws import Door
from tests.fakes.serving import close_door
from tests.support.protocol_client import ProtocolClient, connected, open_socket
from tests.unit.agents.fakes import Step
from tests.unit.rpc.house import TOKEN, House, open_house


@dataclass
class Served:
    """A house that answers on `port`. `failing` is what `/readyz` complains of."""

    house: House
    door: Door
    broadcast: Broadcast
    pulse: Pulse
    app: ASGIApp
    server: HttpServer
    port: int
    failing: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def open(self, **options: Any) -> AbstractAsyncContextManager[ProtocolClient]:
        """A socket that has not shown who it is."""
        return open_socket(self.ws_url, **options)

    def connect(self, **over: Any) -> AbstractAsyncContextManager[ProtocolClient]:
        """A socket that is let in."""
        return connected(self.ws_url, TOKEN, **over)

    def connections(self) -> int:
        """How many sockets are open."""
        return len(self.server.server_state.connections)

    def http(self, token: str | None = TOKEN, **options: Any) -> httpx.AsyncClient:
        """An HTTP client that shows the token."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.AsyncClient(base_url=self.url, headers=headers | options.pop("headers", {}), **options)

    def from_afar(self, token: str | None = None) -> httpx.AsyncClient:
        """An HTTP client whose socket is not on this machine."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        transport = httpx.ASGITransport(self.app, client=("203.0.113.9", 50_000))
        return httpx.AsyncClient(base_url="http://gateway.example", headers=headers, transport=transport)


@asynccontextmanager
async def serve(
    home: Path,
    config: Mapping[str, Any] | None = None,
    *,
    steps: list[Step] | None = None,
    authority: GatewayAuth | None = None,
    hosts: tuple[str, ...] = ("127.0.0.1",),
) -> AsyncIterator[Served]:
    """A house at `home` with open doors on `hosts`; `authority` replaces auth by token."""
    async with open_house(home, config, steps=steps, authority=authority) as house:
        sockets = listen(hosts, 0)
        port = int(sockets[0].getsockname()[1])
        gateway = replace(house.gateway, vitals=replace(house.gateway.vitals, port=port))
        broadcast, failing = house.broadcast, list[str]()
        door = Door(gateway, gate_of(gateway), house.dispatcher, broadcast)
        pulse = Pulse(gateway, broadcast, door)
        app = build_app(gateway, door, lambda: failing)
        server = HttpServer(app)
        await _open(server, sockets)
        pulse.start()
        try:
            yield Served(house, door, broadcast, pulse, app, server, port, failing)
        finally:
            door.close_all(1012, "service restart")
            await pulse.stop()
            await _close(server)


async def _open(server: HttpServer, sockets: list[socket.socket]) -> None:
    """Begin to answer, without the loop that looks for signals ten times a second."""
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup(sockets)
    await server.on_tick(0)


async def _close(server: HttpServer) -> None:
    for listening in server.servers:
        for door in listening.sockets:
            await close_door(door)
        listening.close()
    for connection in list(server.server_state.connections):
        connection.shutdown()
    if tasks := list(server.server_state.tasks):
        await asyncio.wait(tasks, timeout=10)
