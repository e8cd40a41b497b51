"""How a fake is served: the same aiohttp app in a container (`serve`) and inside a test run (`in_thread`)."""

from __future__ import annotations

import argparse
import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiohttp import web

START_LIMIT_S = 30.0
# A stalled answer never ends by itself; stopping does not wait for it.
GRACE_S = 0.1

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
    try:
        port = asyncio.run_coroutine_threadsafe(_start(runner, tls), loop).result(START_LIMIT_S)
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(START_LIMIT_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(START_LIMIT_S)
        loop.close()


async def _start(runner: web.AppRunner, tls: ssl.SSLContext | None) -> int:
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    port: int = runner.addresses[0][1]
    return port
