"""The HTTP server: up when it says so, with the protocol's limits, and deaf to signals."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest
from fastapi import FastAPI, WebSocket
from websockets.asyncio.client import connect

from clawfleet.protocol.limits import MAX_FRAME, PING_S
from clawfleet.server.listen import listen
from clawfleet.server.serving import HttpServer


def app() -> FastAPI:
    made = FastAPI(openapi_url=None)

    @made.get("/")
    async def hello() -> dict[str, bool]:
        return {"ok": True}

    @made.websocket("/")
    async def echo(socket: WebSocket) -> None:
        await socket.accept()
        while True:
            await socket.send_text(await socket.receive_text())

    return made


@asynccontextmanager
async def running() -> AsyncIterator[tuple[HttpServer, int]]:
    sockets = listen(("127.0.0.1",), 0)
    server = HttpServer(app())
    serving = asyncio.ensure_future(server.serve(sockets=sockets))
    try:
        assert not server.up.is_set()
        await asyncio.wait_for(server.up.wait(), 30)
        yield server, int(sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        await asyncio.wait_for(serving, 30)


async def test_it_answers_from_the_moment_it_says_it_is_up() -> None:
    async with running() as (_, port), httpx.AsyncClient() as http:
        reply = await http.get(f"http://127.0.0.1:{port}/")
    assert reply.json() == {"ok": True}
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "server" not in reply.headers


async def test_signals_stay_with_whoever_runs_it() -> None:
    """A stop has an order of its own; a server that took the signal would close first."""
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    async with running() as (server, _):
        assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
        heard = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, heard.set)
        os.kill(os.getpid(), signal.SIGUSR1)
        await asyncio.wait_for(heard.wait(), 30)
        asyncio.get_running_loop().remove_signal_handler(signal.SIGUSR1)
        assert not server.should_exit


async def test_when_it_is_gone_nobody_listens() -> None:
    async with running() as (_, port):
        pass
    with pytest.raises(OSError, match=r"refused|Connect"):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()


@pytest.mark.parametrize("turns", range(5))
async def test_who_comes_in_while_the_door_closes_is_not_left_waiting(turns: int) -> None:
    """Whatever the event loop has seen of him: he is answered, or told at once that nobody is there."""
    loop = asyncio.get_running_loop()
    async with running() as (server, port):
        callers = [socket.create_connection(("127.0.0.1", port)) for _ in range(5)]
        for _ in range(turns):
            await asyncio.sleep(0)
        await server.stop_accepting()
        for caller in callers:
            caller.setblocking(False)
            with caller, suppress(ConnectionError):
                await loop.sock_sendall(caller, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                assert (await asyncio.wait_for(loop.sock_recv(caller, 100), 10)).startswith(b"HTTP/1.1 200")


async def test_sockets_have_the_protocols_bounds_and_no_compression() -> None:
    async with running() as (server, port):
        assert (server.config.ws_max_size, server.config.ws_ping_interval) == (MAX_FRAME, PING_S)
        async with connect(f"ws://127.0.0.1:{port}/", max_size=None) as client:
            assert client.response is not None
            assert "Sec-WebSocket-Extensions" not in client.response.headers
            await client.send("x" * 20_000_000)
            assert len(await client.recv()) == 20_000_000
