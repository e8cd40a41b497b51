"""The one door to the providers' servers: a connection pool, event streams with limits, failures as typed errors.

This module is loaded with the first adapter that needs it: aiohttp costs a quarter of a second and 25 MB.
It knows nothing of any wire API; keys, header values and what providers echo of them never reach a message or a log.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from io import BytesIO
from typing import Self

import aiohttp

from clawfleet.models.hosts import host_of, refusal_of
from clawfleet.models.providers.call import Call, secrets_of
from clawfleet.models.providers.classify import classify
from clawfleet.models.providers.connections import AddressRefused, BadRoute, Connections
from clawfleet.models.providers.failures import (
    CallFailed,
    Limit,
    bad_reply,
    failure_of,
    stream_cut,
    timed_out,
    unreachable,
)
from clawfleet.models.providers.ndjson import LineParser
from clawfleet.models.providers.sse import EventTooLarge, SseParser
from clawfleet.secrets.redact import Redactor

log = logging.getLogger("clawfleet.models")

MAX_ERROR_BYTES = 64 * 1024
MAX_REPLY_BYTES = 64 * 1024 * 1024
LOGGED_CHARS = 2_000
AFTER_END_S = 5.0
ERROR_BODY_S = 5.0
SETTLE_S = 0.1
_TLS_ERRORS = (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError, ssl.SSLError)


class ErrorInStream(Exception):
    """The provider reported a failure inside an answer that began well; `text` is the JSON that says so."""

    def __init__(self, text: str) -> None:
        super().__init__("the provider's answer holds an error object")
        self.text = text


class Http:
    """The connections for all model calls of a gateway, opened at the first call."""

    def __init__(self) -> None:
        self._connections = Connections()

    @asynccontextmanager
    async def send(self, call: Call) -> AsyncIterator[Reply]:
        """The reply to a call, once its status is 200. Raises a leaf of `CallFailed` for everything else.

        An `ErrorInStream` raised in the block leaves it as the failure that it stands for.
        """
        exchange = _Exchange(call)
        response = await self._begin(call, exchange)
        async with response:
            if response.status != 200:
                raise await exchange.http_failure(response)
            try:
                yield Reply(response, exchange)
            except ErrorInStream as error:
                raise exchange.failure(None, error.text) from None

    async def close(self) -> None:
        """Close every connection; running calls fail."""
        await self._connections.close()

    async def _begin(self, call: Call, exchange: _Exchange) -> aiohttp.ClientResponse:
        endpoint, route = call.endpoint, call.endpoint.route
        if refusal := refusal_of(host_of(call.url), route.private):
            raise unreachable(call.site, refusal)
        data = None
        if call.body is not None:
            data = BytesIO(json.dumps(call.body, ensure_ascii=False).encode("utf-8", "replace"))
        try:
            session = await self._connections.on(route)
            async with asyncio.timeout_at(exchange.deadline):
                return await session.request(
                    "GET" if data is None else "POST",
                    call.url,
                    data=data,
                    headers=call.headers,
                    timeout=aiohttp.ClientTimeout(total=None, connect=endpoint.connect_s, sock_read=endpoint.idle_s),
                    allow_redirects=False,  # a key goes to the address it was meant for
                    proxy=route.proxy or None,
                    server_hostname=route.tls.server_name or None,
                )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise exchange.transport_failure(error) from error


class Reply:
    """The body of a 200 answer as batches of event data, one batch per piece that the network delivers.

    A server that answers with plain JSON gives its whole body as one event. Iterating raises `StreamCut`,
    `ProviderTimeout` or `BadReply`.
    """

    def __init__(self, response: aiohttp.ClientResponse, exchange: _Exchange) -> None:
        self._content = response.content
        self._exchange = exchange
        is_lines = "ndjson" in response.content_type
        self._parser: SseParser | LineParser = LineParser() if is_lines else SseParser()
        self._is_json = response.content_type.endswith("json") and not is_lines
        self._pieces: list[bytes] = []
        self._size = 0
        self._deadline = exchange.deadline
        self._ended = False
        if response.content_type == "text/html":
            raise bad_reply(
                exchange.site,
                f"{exchange.site.base_url} answered with a web page instead of a model's answer.",
                f"{exchange.site.section}.baseUrl must be the root of the API, mostly …/v1",
            )

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> list[bytes]:
        while not self._ended:
            try:
                async with asyncio.timeout_at(self._deadline):  # the connection's own idle limit holds as well
                    piece = await self._content.readany()
            except (aiohttp.ClientError, OSError) as error:
                raise self._exchange.transport_failure(error) from error
            self._exchange.has_begun = True
            if batch := self._take(piece):
                return batch
        raise StopAsyncIteration

    async def whole(self) -> bytes:
        """All of the body as it is, whatever the server calls it. Raises as iterating does."""
        self._is_json = True
        return b"".join([data async for batch in self for data in batch])

    def hurry(self) -> None:
        """The answer is complete: wait only `AFTER_END_S` for each piece that may still follow."""
        self._deadline = min(self._exchange.deadline, asyncio.get_running_loop().time() + AFTER_END_S)

    async def settle(self) -> None:
        """Read past the end mark, so that the connection can serve again; one that stays open is given up."""
        with suppress(TimeoutError, aiohttp.ClientError, OSError):
            async with asyncio.timeout(SETTLE_S):
                while await self._content.readany():
                    pass

    def _take(self, piece: bytes) -> list[bytes]:
        self._ended = not piece
        self._size += len(piece)
        if self._size > MAX_REPLY_BYTES:
            raise bad_reply(self._exchange.site, f"the answer is larger than {MAX_REPLY_BYTES} bytes.")
        if self._is_json:
            self._pieces.append(piece)
            return [b"".join(self._pieces)] if self._ended else []
        try:
            return self._parser.feed(piece) if piece else self._parser.close()
        except EventTooLarge as error:
            raise bad_reply(self._exchange.site, f"{error}.") from None


class _Exchange:
    """What is needed to say what went wrong with one call. `deadline` is a time of the event loop."""

    def __init__(self, call: Call) -> None:
        self.endpoint = call.endpoint
        self.site = call.site
        self.deadline = asyncio.get_running_loop().time() + call.endpoint.total_s
        self.has_begun = False  # a first byte of the answer came

    async def http_failure(self, response: aiohttp.ClientResponse) -> CallFailed:
        """The failure that an answer other than 200 stands for; reads at most `MAX_ERROR_BYTES` of it."""
        body = b""
        with suppress(TimeoutError, aiohttp.ClientError, OSError):
            async with asyncio.timeout(ERROR_BODY_S):
                while len(body) < MAX_ERROR_BYTES and (piece := await response.content.readany()):
                    body += piece
        if response.status == 407 and self.endpoint.route.proxy:
            return unreachable(self.site, "its proxy wants a user and a password, or other ones")
        headers = {name.lower(): value for name, value in response.headers.items()}
        return self.failure(response.status, body[:MAX_ERROR_BYTES].decode("utf-8", "replace"), headers)

    def failure(self, status: int | None, text: str, headers: Mapping[str, str] | None = None) -> CallFailed:
        """The failure that the provider's own words stand for; the words go to the log."""
        said = self._redact(text)
        log.info("%s: provider error, status %s: %s", self.site.ref, status, said[:LOGGED_CHARS])
        verdict = replace(classify(status, text, headers), text=classify(status, said).text)
        return failure_of(verdict, self.site)

    def transport_failure(self, error: Exception) -> CallFailed:
        """The failure that a broken or silent connection stands for."""
        log.info("%s: %s: %s", self.site.ref, type(error).__name__, self._redact(str(error)))
        if isinstance(error, TimeoutError):
            return timed_out(self.site, *self._limit(error))
        if why := _no_connection(error):
            is_tls = isinstance(error, _TLS_ERRORS)
            return unreachable(self.site, why, "tls_certificate" if is_tls else "timeout")
        return stream_cut(self.site)

    def _limit(self, error: TimeoutError) -> tuple[Limit, float]:
        """Which limit ran out, and how long it was."""
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return "connect", self.endpoint.connect_s
        if not isinstance(error, aiohttp.ServerTimeoutError):
            return "total", self.endpoint.total_s
        return ("idle" if self.has_begun else "first byte"), self.endpoint.idle_s

    def _redact(self, text: str) -> str:
        return Redactor(secrets_of(self.endpoint)).redact(text)


def _no_connection(error: Exception) -> str:
    """Why there never was a connection; empty when there was one."""
    match error:
        case _ if isinstance(error, _TLS_ERRORS):
            why = "no trusted TLS connection"
        case BadRoute():
            why = str(error)
        case aiohttp.ClientHttpProxyError():
            why = f"its proxy answered HTTP {error.status}"
        case aiohttp.ClientConnectorError():
            whose = "its proxy: " if isinstance(error, aiohttp.ClientProxyConnectionError) else ""
            why = whose + _no_route(error)
        case ValueError() | aiohttp.NonHttpUrlClientError():
            why = "its URL or one of its headers is not valid"
        case _:
            why = ""
    return why


def _no_route(error: aiohttp.ClientConnectorError) -> str:
    cause = error.os_error
    if isinstance(cause, AddressRefused):
        return str(cause)
    if isinstance(error, aiohttp.ClientConnectorDNSError) or isinstance(cause, socket.gaierror):
        return "its host name is not known"
    return os.strerror(cause.errno).lower() if cause.errno else "no connection"
