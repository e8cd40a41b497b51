"""The one door to the providers' servers: a connection pool, event streams with limits, failures as typed errors.

This module is loaded with the first adapter that needs it: aiohttp costs a quarter of a second and 25 MB.
It knows nothing of any wire API; keys, header values and what providers echo of them never reach a message or a log.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Self

import aiohttp

from clawfleet import __version__
from clawfleet.models.providers.base import Endpoint
from clawfleet.models.providers.classify import classify
from clawfleet.models.providers.failures import (
    CallFailed,
    Site,
    bad_reply,
    failure_of,
    stream_cut,
    timed_out,
    unreachable,
)
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
    """One pool of connections for all model calls of a gateway, opened at the first call."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def post(
        self, url: str, *, body: Mapping[str, object], headers: Mapping[str, str], endpoint: Endpoint, site: Site
    ) -> AsyncIterator[Reply]:
        """The reply to `body`, once its status is 200. Raises a leaf of `CallFailed` for everything else.

        `headers` are the wire API's own, the key's among them; the endpoint's headers win over them.
        An `ErrorInStream` raised in the block leaves it as the failure that it stands for.
        """
        exchange = _Exchange(endpoint, site)
        data = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        try:
            response = await self._open().post(
                url,
                data=BytesIO(data),
                headers=_headers(headers, endpoint),
                timeout=aiohttp.ClientTimeout(total=None, connect=endpoint.connect_s, sock_read=endpoint.idle_s),
                allow_redirects=False,  # a key goes to the address it was meant for
            )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise exchange.transport_failure(error) from error
        async with response:
            if response.status != 200:
                raise await exchange.http_failure(response)
            try:
                yield Reply(response, exchange)
            except ErrorInStream as error:
                raise exchange.failure(None, error.text) from None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),  # the lanes bound how many turns run at once
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,  # HTTP_PROXY must not capture providers on this machine
            )
        return self._session

    async def close(self) -> None:
        """Close every connection; running calls fail."""
        if self._session is not None:
            await self._session.close()
            self._session = None


class Reply:
    """The body of a 200 answer as batches of event data, one batch per piece that the network delivers.

    A server that answers with plain JSON gives its whole body as one event. Iterating raises `StreamCut`,
    `ProviderTimeout` or `BadReply`.
    """

    def __init__(self, response: aiohttp.ClientResponse, exchange: _Exchange) -> None:
        self._content = response.content
        self._exchange = exchange
        self._parser = SseParser()
        self._is_json = response.content_type.endswith("json") and "ndjson" not in response.content_type
        self._pieces: list[bytes] = []
        self._size = 0
        self._patience_s: float | None = None  # None: the connection's own idle limit holds
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
                async with asyncio.timeout(self._patience_s):
                    piece = await self._content.readany()
            except (aiohttp.ClientError, OSError) as error:
                raise self._exchange.transport_failure(error) from error
            if batch := self._take(piece):
                return batch
        raise StopAsyncIteration

    def hurry(self) -> None:
        """The answer is complete: wait only `AFTER_END_S` for each piece that may still follow."""
        self._patience_s = AFTER_END_S

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


@dataclass(frozen=True, slots=True)
class _Exchange:
    """What is needed to say what went wrong with one call."""

    endpoint: Endpoint
    site: Site

    async def http_failure(self, response: aiohttp.ClientResponse) -> CallFailed:
        """The failure that an answer other than 200 stands for; reads at most `MAX_ERROR_BYTES` of it."""
        body = b""
        with suppress(TimeoutError, aiohttp.ClientError, OSError):
            async with asyncio.timeout(ERROR_BODY_S):
                while len(body) < MAX_ERROR_BYTES and (piece := await response.content.readany()):
                    body += piece
        headers = {name.lower(): value for name, value in response.headers.items()}
        return self.failure(response.status, body[:MAX_ERROR_BYTES].decode("utf-8", "replace"), headers)

    def failure(self, status: int | None, text: str, headers: Mapping[str, str] | None = None) -> CallFailed:
        """The failure that the provider's own words stand for; the words go to the log."""
        said = self._redact(text)
        log.warning("%s: provider error, status %s: %s", self.site.ref, status, said[:LOGGED_CHARS])
        verdict = replace(classify(status, text, headers), text=classify(status, said).text)
        return failure_of(verdict, self.site)

    def transport_failure(self, error: Exception) -> CallFailed:
        """The failure that a broken or silent connection stands for."""
        log.warning("%s: %s: %s", self.site.ref, type(error).__name__, self._redact(str(error)))
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return timed_out(self.site, "connect", self.endpoint.connect_s)
        if isinstance(error, TimeoutError):
            return timed_out(self.site, "idle", self.endpoint.idle_s)
        if why := _no_connection(error):
            is_tls = isinstance(error, _TLS_ERRORS)
            return unreachable(self.site, why, "tls_certificate" if is_tls else "timeout")
        return stream_cut(self.site)

    def _redact(self, text: str) -> str:
        return Redactor([self.endpoint.api_key or "", *self.endpoint.headers.values()]).redact(text)


def _no_connection(error: Exception) -> str:
    """Why there never was a connection; empty when there was one."""
    if isinstance(error, _TLS_ERRORS):
        return "no trusted TLS connection"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "its host name is not known"
    if isinstance(error, aiohttp.ClientConnectorError):
        return os.strerror(error.os_error.errno).lower() if error.os_error.errno else "no connection"
    is_unsendable = isinstance(error, ValueError | aiohttp.NonHttpUrlClientError)
    return "its URL or one of its headers is not valid" if is_unsendable else ""


def _headers(own: Mapping[str, str], endpoint: Endpoint) -> dict[str, str]:
    """All headers of a call, lower-case; the operator's win."""
    return {
        "content-type": "application/json",
        "accept": "text/event-stream",
        "accept-encoding": "identity",  # compression would hold tokens back
        "user-agent": f"clawfleet/{__version__}",
        **{name.lower(): value for name, value in own.items()},
        **{name.lower(): value for name, value in endpoint.headers.items()},
    }
