"""Many clients that only listen: what they cost in memory, and how long an event takes to reach the last of them."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from websockets.asyncio.client import ClientConnection, connect

from benchmarks.processes import gateway, rss_mb
from tests.support.gateway import GatewayProcess

CLIENTS = 1000
AT_ONCE = 25  # fewer than the sockets that one address may have before they have shown who they are
ROUNDS = 5
CLIENT = {"id": "cli", "version": "1", "platform": "linux", "mode": "cli"}


def run() -> list[str]:
    """The table's lines."""
    with gateway({}) as process:
        return asyncio.run(_measure(process))


async def _measure(process: GatewayProcess) -> list[str]:
    pid = process.process.pid
    before = rss_mb(pid)
    async with AsyncExitStack() as closing:
        sockets: list[ClientConnection] = []
        while len(sockets) < CLIENTS:
            some = [closing.enter_async_context(_client(process)) for _ in range(min(AT_ONCE, CLIENTS - len(sockets)))]
            sockets += await asyncio.gather(*some)
        held = rss_mb(pid)
        times = sorted([await _broadcast(sockets) for _ in range(ROUNDS)])
    await asyncio.sleep(1)
    return [
        f"{f'{CLIENTS} idle clients':28} memory {before:.0f} → {held:.0f} MB, {rss_mb(pid):.0f} MB when they have left",
        f"{'one event to all of them':28} p50 {times[ROUNDS // 2] * 1000:7.0f} ms  worst {times[-1] * 1000:.0f} ms",
    ]


async def _broadcast(sockets: list[ClientConnection]) -> float:
    """Seconds from a request whose event goes to everybody until the last client has that event."""
    mark = uuid.uuid4().hex
    hearing = [asyncio.ensure_future(_hear(socket, mark, '"state":"status"')) for socket in sockets]
    begun = time.perf_counter()
    params = {"sessionKey": "main", "message": "hi", "idempotencyKey": mark}
    await sockets[0].send(json.dumps({"type": "req", "id": mark, "method": "chat.send", "params": params}))
    await asyncio.gather(*hearing)
    took = time.perf_counter() - begun
    await asyncio.gather(*(_hear(socket, mark, '"state":"final"') for socket in sockets))
    return took


async def _hear(socket: ClientConnection, *words: str) -> None:
    """Return at the first frame that holds all the words."""
    async for data in socket:
        if all(word in str(data) for word in words):
            return


@asynccontextmanager
async def _client(process: GatewayProcess) -> AsyncIterator[ClientConnection]:
    async with connect(
        process.ws_url, compression=None, ping_interval=None, max_size=None, max_queue=None, close_timeout=1
    ) as socket:
        await socket.recv()
        params = {
            "minProtocol": 4, "maxProtocol": 4, "client": CLIENT, "scopes": ["operator.admin"],
            "auth": {"token": process.token},
        }  # fmt: skip
        await socket.send(json.dumps({"type": "req", "id": "1", "method": "connect", "params": params}))
        assert json.loads(await socket.recv())["ok"]
        yield socket
