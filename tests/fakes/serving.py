"""How a fake is served: the same aiohttp app in a container (`serve`) and inside a test run (`in_thread`)."""

from __future__ import annotations

import argparse
import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiohttp import web

START_LIMIT_S = 30.0
# A stalled answer never ends by itself; stopping does not wait for it.
GRACE_S = 0.1
# A caller's way in: a task, its transport, the protocol's `connection_made`; each takes a turn of the loop.
ACCEPT_TURNS = 5

MakeApp = Callable[[], web.Application]


def serve(make_app: MakeApp) -> None:
    """Serves until SIGTERM or SIGINT: `python -m tests.fakes.<name> [--host H] [--port P]`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    options = parser.parse_args()
    web.run_app(
        make_app(),
        host=options.host,
        port=options.port,
        shutdown_timeout=GRACE_S,
        handler_cancellation=True,
        access_log=None,
    )


@contextmanager
def in_thread(make_app: MakeApp, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """The root URL of the app, served on a free loopback port by a thread with its own event loop."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="fake", daemon=True)
    thread.start()
    runner = web.AppRunner(make_app(), shutdown_timeout=GRACE_S, handler_cancellation=True, access_log=None)
    door = socket.create_server(("127.0.0.1", 0))
    try:
        asyncio.run_coroutine_threadsafe(_start(runner, door, tls), loop).result(START_LIMIT_S)
        yield f"{'https' if tls else 'http'}://127.0.0.1:{door.getsockname()[1]}"
    finally:
        asyncio.run_coroutine_threadsafe(_stop(runner, door), loop).result(START_LIMIT_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(START_LIMIT_S)
        loop.close()


async def _start(runner: web.AppRunner, door: socket.socket, tls: ssl.SSLContext | None) -> None:
    await runner.setup()
    await web.SockSite(runner, door, ssl_context=tls).start()


async def _stop(runner: web.AppRunner, door: socket.socket) -> None:
    """Ends every connection, also of a caller who does not read and of one who came while the door closed."""
    await close_door(door)
    server = runner.server
    assert server is not None
    handlers = server.connections
    await runner.cleanup()
    for handler in handlers:
        if handler.transport is not None:
            handler.transport.abort()


async def close_door(door: socket.socket) -> None:
    """Takes no more callers of a listening socket, and lets those in whom asyncio has accepted.

    Closing the server at once loses them: it cannot attach their transports any more and leaves the sockets open,
    which the next test hears of as a ResourceWarning.
    """
    asyncio.get_running_loop().remove_reader(door)
    for _ in range(ACCEPT_TURNS):
        await asyncio.sleep(0)
