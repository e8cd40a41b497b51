"""The wire under all adapters: limits hold, every way to fail has its error, keys stay unseen."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from clawfleet.models.providers import http as http_module
from clawfleet.models.providers.base import Endpoint
from clawfleet.models.providers.call import Call
from clawfleet.models.providers.failures import (
    BadReply,
    KeyRejected,
    ProviderDown,
    ProviderTimeout,
    RateLimited,
    RequestRejected,
    Site,
    StreamCut,
)
from clawfleet.models.providers.http import ErrorInStream, Http
from tests.fakes.serving import close_door

STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"
KEY = "k3y-that-nobody-may-see"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def plain(status: str, body: bytes, *headers: str, kind: str = "application/json") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


class Server:
    """A server that answers each request with the next of `answers`: bytes to send, or what to do with the writer."""

    def __init__(self) -> None:
        self.answers: list[bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]] = []
        self.heads: list[str] = []
        self.bodies: list[bytes] = []
        self.connections = 0
        self.hung_up = asyncio.Event()
        self.url = ""
        self.serving: list[asyncio.Task[None]] = []

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Server]:
        """Itself on a free port. At the end no connection is left, not even one whose answer never ends."""
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        (door,) = server.sockets
        self.url = f"http://127.0.0.1:{door.getsockname()[1]}/v1"
        yield self
        await close_door(door)
        server.close()
        for task in self.serving:
            task.cancel()
        await asyncio.gather(*self.serving, return_exceptions=True)
        await asyncio.sleep(0)  # then the aborted transports are closed

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.serving.append(asyncio.current_task())  # type: ignore[arg-type]
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                self.heads.append(head)
                length = next(line for line in head.split("\r\n") if line.startswith("content-length:"))
                self.bodies.append(await reader.readexactly(int(length.partition(":")[2])))
                answer = self.answers.pop(0)
                if isinstance(answer, bytes):
                    writer.write(answer)
                else:
                    await answer(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.hung_up.set()
        finally:
            writer.transport.abort()

    def endpoint(self, **fields: object) -> Endpoint:
        return replace(Endpoint("lan", self.url, api_key=KEY, key_source="LAN_API_KEY"), **fields)  # type: ignore[arg-type]


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server().listening() as found:
        yield found


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    found = Http()
    yield found
    await found.close()


@asynccontextmanager
async def posted(http: Http, endpoint: Endpoint, body: object = None) -> AsyncIterator[http_module.Reply]:
    headers = {"Authorization": f"Bearer {endpoint.api_key}"}
    url = f"{endpoint.base_url}/chat/completions"
    site = Site.of(endpoint, "m")
    async with http.send(Call(url, {"x": body}, headers, endpoint, site)) as reply:
        yield reply


async def read(http: Http, endpoint: Endpoint, body: object = None) -> list[bytes]:
    async with posted(http, endpoint, body) as reply:
        return [data async for batch in reply for data in batch]


async def forever(_: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


def then_silence(data: bytes) -> Callable[[asyncio.StreamWriter], Awaitable[None]]:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await asyncio.Event().wait()

    return answer


def then_cut(data: bytes) -> Callable[[asyncio.StreamWriter], Awaitable[None]]:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        writer.close()

    return answer


async def test_events_arrive_and_the_request_is_well_formed(http: Http, server: Server) -> None:
    server.answers = [STREAM + chunk(b"data: one\n\nda") + chunk(b"ta: two\n\n") + END]
    endpoint = server.endpoint(headers={"X-Team": "blue", "AUTHORIZATION": "Token other"})
    assert await read(http, endpoint, "gr\u00fc\u00df \ud83d") == [b"one", b"two"]
    head = server.heads[0]
    assert head.startswith("post /v1/chat/completions http/1.1")
    assert "content-type: application/json" in head
    assert "accept: text/event-stream" in head
    assert "user-agent: clawfleet/" in head
    assert "x-team: blue" in head
    assert "authorization: token other" in head
    assert json.loads(server.bodies[0]) == {"x": "gr\u00fc\u00df ?"}


async def test_a_large_body_is_sent_whole(http: Http, server: Server) -> None:
    server.answers = [STREAM + END]
    await read(http, server.endpoint(), "x" * 3_000_000)
    assert len(server.bodies[0]) > 3_000_000


async def test_plain_json_comes_as_one_event(http: Http, server: Server) -> None:
    server.answers = [plain("200 OK", b'{"choices":\n\n[]}')]
    assert await read(http, server.endpoint()) == [b'{"choices":\n\n[]}']


async def test_a_web_page_is_a_bad_reply_with_a_hint(http: Http, server: Server) -> None:
    server.answers = [plain("200 OK", b"<html>", kind="text/html; charset=utf-8")]
    with pytest.raises(BadReply, match="web page") as caught:
        await read(http, server.endpoint())
    assert caught.value.hint is not None
    assert "models.providers.lan.baseUrl" in caught.value.hint


async def test_an_error_answer_becomes_its_failure(http: Http, server: Server) -> None:
    server.answers = [plain("429 Too Many", b'{"error":{"message":"slow down"}}', "Retry-After: 7")]
    with pytest.raises(RateLimited, match="slow down") as caught:
        await read(http, server.endpoint())
    assert (caught.value.status, caught.value.retry_after_s) == (429, 7.0)


async def test_no_secret_reaches_message_or_log(http: Http, server: Server, caplog: pytest.LogCaptureFixture) -> None:
    said = f"wrong key {KEY}, header h34der-secret " + "x" * 5000
    server.answers = [plain("401 Unauthorized", json.dumps({"error": said}).encode())]
    with caplog.at_level(logging.DEBUG), pytest.raises(KeyRejected, match="wrong key") as caught:
        await read(http, server.endpoint(headers={"x-key": "h34der-secret"}))
    told = f"{caught.value.message} {caught.value.hint} {caught.value.details} {caplog.text}"
    assert KEY not in told
    assert "h34der-secret" not in told
    assert "wrong key" in caplog.text
    assert caught.value.hint == "the key came from LAN_API_KEY: put a valid one there"
    assert len(caplog.text) < 3000


async def test_an_endless_error_body_is_read_in_part(http: Http, server: Server) -> None:
    async def flood(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(chunk(b"x" * 65536))
            await writer.drain()

    server.answers = [flood]
    with pytest.raises(ProviderDown):
        await read(http, server.endpoint())


async def test_an_error_body_that_stalls_does_not_hold_up(
    http: Http, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_module, "ERROR_BODY_S", 0.05)
    server.answers = [then_silence(b"HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\nhalf")]
    with pytest.raises(ProviderDown, match="half"):
        await read(http, server.endpoint())


async def test_a_redirect_is_not_followed(http: Http, server: Server) -> None:
    server.answers = [plain("307 Elsewhere", b"", f"Location: {server.url}/elsewhere")]
    with pytest.raises(RequestRejected) as caught:
        await read(http, server.endpoint())
    assert caught.value.status == 307
    assert len(server.heads) == 1


async def test_an_error_object_in_the_stream_becomes_its_failure(http: Http, server: Server) -> None:
    server.answers = [STREAM + chunk(b"data: x\n\n") + END]
    with pytest.raises(ProviderDown, match="boom") as caught:
        async with posted(http, server.endpoint()) as reply:
            async for _ in reply:
                raise ErrorInStream('{"error": {"code": 500, "message": "boom"}}')
    assert (caught.value.reason, caught.value.status) == ("server_error", 500)


async def test_nobody_listening_is_told(http: Http) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        endpoint = Endpoint("lan", f"http://127.0.0.1:{free.getsockname()[1]}/v1")
        with pytest.raises(ProviderDown, match="connection refused") as caught:
            await read(http, endpoint)
    assert caught.value.reason == "timeout"
    assert endpoint.base_url in caught.value.message


async def test_an_unknown_host_is_told(http: Http) -> None:
    with pytest.raises(ProviderDown, match="host name is not known"):
        await read(http, Endpoint("lan", "http://nobody.invalid/v1"))


@pytest.mark.parametrize("url", ["no url", "http://127.0.0.1:99999/v1", "ftp://127.0.0.1/v1"])
async def test_a_url_that_is_none_is_told(http: Http, url: str) -> None:
    with pytest.raises(ProviderDown, match="not valid"):
        await read(http, Endpoint("lan", url))


async def test_a_header_that_cannot_be_sent_is_told(http: Http, server: Server) -> None:
    with pytest.raises(ProviderDown, match="not valid"):
        await read(http, server.endpoint(headers={"x-key": "two\nlines"}))
    assert server.heads == []


async def test_a_server_without_tls_is_told(http: Http) -> None:
    class NoTls(Server):
        async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 400 Speak plainly\r\n\r\n")
            writer.close()

    async with NoTls().listening() as server:
        with pytest.raises(ProviderDown, match="no trusted TLS connection") as caught:
            await read(http, replace(server.endpoint(), base_url=server.url.replace("http:", "https:")))
    assert caught.value.reason == "tls_certificate"


async def test_a_connection_that_never_opens_meets_the_connect_limit(http: Http) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for caller in waiting:  # the kernel queues one or two and lets the rest wait
            caller.setblocking(False)
            caller.connect_ex(full.getsockname())
        endpoint = Endpoint("lan", f"http://127.0.0.1:{full.getsockname()[1]}/v1", connect_s=0.2)
        with pytest.raises(ProviderTimeout, match=r"took no connection within 0\.2 s \(connect limit\)"):
            await read(http, endpoint)
        for caller in waiting:
            caller.close()


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200 OK\r\n", STREAM])
async def test_silence_before_an_answer_meets_the_limit_of_the_first_byte(
    http: Http, server: Server, begin: bytes
) -> None:
    server.answers = [then_silence(begin)]
    with pytest.raises(ProviderTimeout, match=r"sent no first byte within 0\.2 s \(first byte limit\)") as caught:
        await read(http, server.endpoint(idle_s=0.2))
    assert "models.providers.lan.timeoutSeconds sets how long to wait" in (caught.value.hint or "")


async def test_silence_in_an_answer_meets_the_idle_limit(http: Http, server: Server) -> None:
    server.answers = [then_silence(STREAM + chunk(b"data: x\n\n"))]
    with pytest.raises(ProviderTimeout, match=r"then sent nothing for 0\.5 s \(idle limit\)"):
        await read(http, server.endpoint(idle_s=0.5))


async def drip(writer: asyncio.StreamWriter) -> None:
    writer.write(STREAM)
    for _ in range(24):
        writer.write(chunk(b": alive\n\n"))
        await asyncio.sleep(0.05)
    writer.write(chunk(b"data: x\n\n") + END)


async def test_an_answer_without_end_meets_the_total_limit(http: Http, server: Server) -> None:
    server.answers = [drip]
    with pytest.raises(ProviderTimeout, match=r"had not finished its answer after 0\.2 s \(total limit\)") as caught:
        await read(http, server.endpoint(idle_s=0.5, total_s=0.2))
    assert "CLAWFLEET_MODEL_TOTAL_S=<seconds>" in (caught.value.hint or "")


async def test_the_total_limit_holds_before_the_answer_begins(http: Http, server: Server) -> None:
    server.answers = [then_silence(b"")]
    with pytest.raises(ProviderTimeout, match="total limit"):
        await read(http, server.endpoint(total_s=0.2))


async def test_a_slow_stream_is_not_idle(http: Http, server: Server) -> None:
    server.answers = [drip]
    assert await read(http, server.endpoint(idle_s=1.0)) == [b"x"]


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200 OK\r\n", STREAM, STREAM + chunk(b"data: x\n\n")])
async def test_a_connection_cut_early_is_a_cut_stream(http: Http, server: Server, begin: bytes) -> None:
    server.answers = [then_cut(begin)]
    with pytest.raises(StreamCut):
        await read(http, server.endpoint())


async def test_an_endless_event_is_a_bad_reply(http: Http, server: Server) -> None:
    server.answers = [STREAM + chunk(b"data: " + b"x" * 5_000_000) + END]
    with pytest.raises(BadReply, match="one event is larger"):
        await read(http, server.endpoint())


async def test_an_endless_answer_is_a_bad_reply(http: Http, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_module, "MAX_REPLY_BYTES", 1000)
    server.answers = [STREAM + chunk(b"data: 0123456789\n\n") * 100 + END]
    with pytest.raises(BadReply, match="larger than 1000 bytes"):
        await read(http, server.endpoint())


async def test_a_settled_connection_serves_again(http: Http, server: Server) -> None:
    server.answers = [STREAM + chunk(b"data: [DONE]\n\n") + END] * 3
    for _ in range(3):
        async with posted(http, server.endpoint()) as reply:
            async for _batch in reply:
                await reply.settle()
                break
    assert server.connections == 1


async def test_a_connection_that_stays_open_is_given_up_soon(http: Http, server: Server) -> None:
    server.answers = [then_silence(STREAM + chunk(b"data: [DONE]\n\n"))]
    async with asyncio.timeout(30), posted(http, server.endpoint()) as reply:
        async for _batch in reply:
            await reply.settle()
            break


async def test_after_the_end_the_wait_is_short(http: Http, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_module, "AFTER_END_S", 0.05)
    server.answers = [then_silence(STREAM + chunk(b"data: x\n\n"))]
    with pytest.raises(ProviderTimeout):
        async with asyncio.timeout(30), posted(http, server.endpoint()) as reply:
            async for _batch in reply:
                reply.hurry()


async def test_a_cancelled_call_hangs_up(http: Http, server: Server) -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(STREAM)
        while True:
            writer.write(chunk(b"data: x\n\n"))
            await writer.drain()
            await asyncio.sleep(0.001)

    server.answers = [endless]
    started = asyncio.Event()

    async def listen() -> None:
        async with posted(http, server.endpoint()) as reply:
            async for _batch in reply:
                started.set()

    async with asyncio.timeout(30):
        task = asyncio.ensure_future(listen())
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await server.hung_up.wait()


async def test_a_proxy_of_the_environment_is_not_used(
    http: Http, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    server.answers = [STREAM + chunk(b"data: x\n\n") + END]
    assert await read(http, server.endpoint()) == [b"x"]


async def test_a_closed_pool_opens_again(http: Http, server: Server) -> None:
    server.answers = [STREAM + chunk(b"data: x\n\n") + END] * 2
    assert await read(http, server.endpoint()) == [b"x"]
    await http.close()
    assert await read(http, server.endpoint()) == [b"x"]


async def test_closing_what_was_never_opened_is_fine() -> None:
    await Http().close()
