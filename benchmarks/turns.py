"""What a turn costs on top of the provider's own time, and how many turns a second one gateway carries."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
import uuid
from collections.abc import Awaitable, Callable

import aiohttp

from benchmarks.processes import gateway, rss_mb, served
from tests.fakes.openai.app import DEFAULT_KEY as KEY

WARM_UP, COUNTED = 30, 300
CLIENTS, SUSTAINED_S = 32, 10.0
QUESTION = [{"role": "user", "content": "hello"}]
ON = {"gateway": {"http": {"endpoints": {"chatCompletions": {"enabled": True}}}}}


async def _time(once: Callable[[], Awaitable[None]]) -> float:
    started = time.perf_counter()
    await once()
    return (time.perf_counter() - started) * 1000


async def _interleaved(*ways: Callable[[], Awaitable[None]]) -> list[float]:
    """The median of each way in ms; the ways take turns so that a busy moment hits all alike."""
    for _ in range(WARM_UP):
        for way in ways:
            await way()
    times: list[list[float]] = [[] for _ in ways]
    for _ in range(COUNTED):
        for way, kept in zip(ways, times, strict=True):
            kept.append(await _time(way))
    return [statistics.median(kept) for kept in times]


async def _sustained(once: Callable[[], Awaitable[None]]) -> float:
    done, end = 0, time.monotonic() + SUSTAINED_S

    async def client() -> None:
        nonlocal done
        while time.monotonic() < end:
            await once()
            done += 1

    started = time.monotonic()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return done / (time.monotonic() - started)


class _Socket:
    """A WebSocket client that sends a message and waits for its final event."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def connect(self, token: str) -> None:
        """The handshake."""
        client = {"id": "gateway-client", "version": "1", "platform": "bench", "mode": "backend"}
        scopes = ["operator.admin"]
        params = {"minProtocol": 4, "maxProtocol": 4, "client": client, "scopes": scopes, "auth": {"token": token}}
        await self._socket.receive()
        await self._socket.send_json({"type": "req", "id": "1", "method": "connect", "params": params})
        answer = json.loads((await self._socket.receive()).data)
        assert answer["ok"], answer

    async def turn(self) -> None:
        """One turn in a session of its own."""
        run_id = str(uuid.uuid4())
        params = {"sessionKey": run_id, "message": "hello", "idempotencyKey": run_id}
        await self._socket.send_json({"type": "req", "id": run_id, "method": "chat.send", "params": params})
        async for frame in self._socket:
            event = json.loads(frame.data)
            payload = event.get("payload", {})
            if event.get("event") == "chat" and payload["runId"] == run_id and payload["state"] == "final":
                return


async def _measure(provider: str, gateway_url: str, token: str, pid: int) -> list[str]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:

        def post(url: str, key: str, model: str) -> Callable[[], Awaitable[None]]:
            async def once() -> None:
                body = {"model": model, "messages": QUESTION}
                async with http.post(url, json=body, headers={"Authorization": f"Bearer {key}"}) as answer:
                    assert answer.status == 200, await answer.text()
                    await answer.read()

            return once

        direct = post(f"{provider}/v1/chat/completions", KEY, "fast")
        through = post(f"{gateway_url}/v1/chat/completions", token, "openclaw")
        async with http.ws_connect(gateway_url) as raw:
            socket = _Socket(raw)
            await socket.connect(token)
            direct_ms, http_ms, ws_ms = await _interleaved(direct, through, socket.turn)
        before = rss_mb(pid)
        direct_rate, rate = await _sustained(direct), await _sustained(through)
        return [
            f"{'provider directly':28} p50 {direct_ms:7.2f} ms  {direct_rate:8.0f} /s with {CLIENTS} clients",
            f"{'turn over HTTP':28} p50 {http_ms:7.2f} ms  overhead {http_ms - direct_ms:6.2f} ms",
            f"{'turn over WebSocket':28} p50 {ws_ms:7.2f} ms  overhead {ws_ms - direct_ms:6.2f} ms",
            f"{'turns sustained':28} {rate:8.0f} /s with {CLIENTS} clients, memory {before:.0f} → {rss_mb(pid):.0f} MB",
        ]


def run() -> list[str]:
    """The table's lines."""
    with served("tests.fakes.openai", "/v1/models") as (provider, _):
        row = {"id": "fast", "name": "fast"}
        entry = {"baseUrl": f"{provider}/v1", "apiKey": KEY, "api": "openai-completions", "models": [row]}
        config = ON | {
            "models": {"providers": {"fake": entry}},
            "agents": {"defaults": {"model": "fake/fast"}},
            "tools": {"deny": ["*"]},
        }
        with gateway(config) as process:
            return asyncio.run(_measure(provider, process.url, process.token, process.process.pid))
