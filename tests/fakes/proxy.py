"""A small HTTP proxy: passes requests on (absolute URLs) and opens tunnels (CONNECT), and notes what it was asked."""

from __future__ import annotations

import asyncio
import base64
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.fakes.serving import close_door

HEAD_BYTES = 64 * 1024


@dataclass
class Proxy:
    """A proxy; `login` is the `user:password` that it wants, `asked` the first lines of what it was asked."""

    login: str = ""
    url: str = ""
    asked: list[str] = field(default_factory=list)
    open: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.open.append(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            head = await reader.readuntil(b"\r\n\r\n")
            first, _, rest = head.partition(b"\r\n")
            method, target, version = first.decode().split(" ")
            self.asked.append(f"{method} {target}")
            wanted = f"Basic {base64.b64encode(self.login.encode()).decode()}"
            if self.login and f"proxy-authorization: {wanted}".lower().encode() not in rest.lower():
                writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
            elif method == "CONNECT":
                host, _, port = target.rpartition(":")
                there = await asyncio.open_connection(host, int(port))
                self.open.append(there[1])
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await _join((reader, writer), there)
            else:
                parts = urlsplit(target)
                there = await asyncio.open_connection(parts.hostname, parts.port or 80)
                self.open.append(there[1])
                path = f"{parts.path}?{parts.query}" if parts.query else parts.path
                there[1].write(f"{method} {path} {version}\r\n".encode() + rest)
                await _join((reader, writer), there)
        writer.close()


Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _join(one: Ends, other: Ends) -> None:
    await asyncio.gather(_pump(one[0], other[1]), _pump(other[0], one[1]))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while piece := await reader.read(HEAD_BYTES):
            writer.write(piece)
            await writer.drain()
    writer.close()


@contextmanager
def proxy(login: str = "", tls: ssl.SSLContext | None = None) -> Iterator[Proxy]:
    """A running proxy on a free loopback port, in a thread with its own event loop."""
    found, loop = Proxy(login), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="proxy", daemon=True)
    thread.start()
    start = asyncio.start_server(found.serve, "127.0.0.1", 0, limit=HEAD_BYTES, ssl=tls)
    server = asyncio.run_coroutine_threadsafe(start, loop).result(10)
    found.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield found
    finally:
        asyncio.run_coroutine_threadsafe(_end(server, found.open), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


async def _end(server: asyncio.Server, writers: list[asyncio.StreamWriter]) -> None:
    for door in server.sockets:
        await close_door(door)
    server.close()
    for writer in writers:
        writer.transport.abort()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    await asyncio.wait_for(asyncio.gather(*others, return_exceptions=True), 30)
    for writer in writers:
        with suppress(OSError):
            await asyncio.wait_for(writer.wait_closed(), 30)
