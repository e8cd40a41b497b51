"""The published Node client as tests hold it, and a man in the middle that changes what passes between two."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.fakes.serving import close_door
from tests.support.npm import installed, node

CLIENT = "@openclaw/gateway-client@2026.9.1"
SCRIPT = Path(__file__).parents[1] / "integration" / "clients" / "official_client.mjs"
LIMIT_S = 30.0
Frame = dict[str, Any]
Meddle = Callable[[Frame], Frame | None]


class OfficialClient:
    """One `GatewayClient` in a process of its own. `device` is the file where it keeps its key pair and tokens."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def connect(self, url: str, *, device: Path | None = None, key: Path | None = None, **options: Any) -> Any:
        """`{"hello"}` or `{"error"}` of the first attempt; `key` signs with the key of another device."""
        named = {"device": str(device) if device else None, "key": str(key) if key else None}
        return await self._do("connect", options={"url": url, "scopes": ["operator.admin"], **options}, **named)

    async def request(self, method: str, params: Any = None, **options: Any) -> Any:
        """`{"payload"}` or `{"error"}`."""
        return await self._do("request", method=method, params=params, options=options)

    async def call(self, method: str, **params: Any) -> Any:
        """The payload. Raises AssertionError with the error."""
        answer = await self.request(method, params)
        assert "payload" in answer, answer
        return answer["payload"]

    async def next(self, what: str, *, event: str | None = None, past: int = 0) -> Any:
        """The first `hello`, `close`, `gap`, `paused` or `event` beyond the first `past`, come or coming."""
        return await self._do("await", what=what, event=event, past=past)

    async def stop(self) -> None:
        """Closes the connection for good."""
        await self._do("stop")

    async def _do(self, action: str, **words: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": action, **words}).encode() + b"\n")
        line = await asyncio.wait_for(self._process.stdout.readline(), LIMIT_S)
        assert line, "the client ended"
        return json.loads(line)


@asynccontextmanager
async def official_client() -> AsyncIterator[OfficialClient]:
    """A client that has not connected yet."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        str(node()), str(SCRIPT), cwd=installed(CLIENT), stdin=pipe, stdout=pipe, limit=2**26
    )
    try:
        yield OfficialClient(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()  # to the end of its output: a pipe that is left open is told of in another test


@asynccontextmanager
async def meddling(url: str, meddle: Meddle) -> AsyncIterator[str]:
    """An address before `url`: each frame of the gateway passes through `meddle`, which may change or swallow it."""

    async def between(client: ServerConnection) -> None:
        async with connect(url, compression=None, max_size=None, open_timeout=LIMIT_S) as gateway:

            async def down() -> None:
                async for data in gateway:
                    if (frame := meddle(json.loads(data))) is not None:
                        await client.send(json.dumps(frame))

            async def up() -> None:
                async for data in client:
                    await gateway.send(data)

            await _until_one_ends(down(), up())
            await client.close(gateway.close_code or 1000, gateway.close_reason or "")

    async with serve(between, "127.0.0.1", 0, compression=None) as server:
        (door,) = server.sockets
        try:
            yield f"ws://127.0.0.1:{door.getsockname()[1]}"
        finally:
            await close_door(door)  # the client may be on its way back in


async def _until_one_ends(*parts: Any) -> None:
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            assert result is None or isinstance(result, asyncio.CancelledError | ConnectionClosed), result
