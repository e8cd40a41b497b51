"""One GET, redirects followed, every address checked when it is connected to. Loaded with the first page: aiohttp.

Each hop has a connection of its own: a socket is only made for an address that the policy lets through, whatever a
name meant a moment ago.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from clawfleet import __version__
from clawfleet.config.models.web import SsrfPolicy, WebFetch
from clawfleet.tools.web.addresses import names_listed, reason_against, reason_against_host
from clawfleet.tools.web.failures import AddressBlocked, WebFailed
from clawfleet.tools.web.reply import Reply

USER_AGENT = f"Mozilla/5.0 (compatible; Clawfleet/{__version__})"
ACCEPT = "text/markdown, text/html;q=0.9, application/xhtml+xml;q=0.9, text/*;q=0.8, */*;q=0.5"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
LEAST_BYTES, MOST_BYTES = 32_000, 10_000_000
MOST_URL = 8_000
_OWN_HEADERS = frozenset({
    *("accept", "accept-encoding", "accept-language", "user-agent", "host", "content-length", "transfer-encoding"),
    *("connection", "upgrade", "te", "trailer", "keep-alive", "proxy-authorization", "expect"),
})  # fmt: skip


class _Refused(OSError):
    """An address that the policy does not let through."""


@dataclass(slots=True)
class _Gate:
    """Makes the sockets of one hop; remembers why it made none."""

    policy: SsrfPolicy
    trusted: bool
    reason: str | None = field(default=None)

    def open(self, info: Any) -> socket.socket:
        """A socket for an address that was just resolved."""
        family, kind, protocol, _, target = info
        reason = None if self.trusted else reason_against(ip_address(str(target[0]).partition("%")[0]), self.policy)
        if reason is not None:
            self.reason = reason
            raise _Refused(reason)
        return socket.socket(family=family, type=kind, proto=protocol)


async def fetch(url: str, settings: WebFetch, *, resolver: AbstractResolver | None = None) -> Reply:
    """What `url` leads to. Raises `AddressBlocked`, or `WebFailed` for everything else that goes wrong."""
    try:
        async with asyncio.timeout(settings.timeout_seconds):
            return await _follow(checked(url, settings.ssrf_policy), settings, resolver)
    except TimeoutError:
        raise WebFailed(f"Web fetch failed: no whole page within {settings.timeout_seconds:g} seconds.") from None


def checked(url: str, policy: SsrfPolicy) -> URL:
    """The parsed address of a page. Raises `AddressBlocked`, `WebFailed` for what is no web address."""
    try:
        parsed = URL(url.strip())
        host = parsed.raw_host
        _ = parsed.port
    except ValueError:
        raise WebFailed("Web fetch failed: that is no web address.") from None
    if parsed.scheme not in ("http", "https") or not host or len(url) > MOST_URL:
        raise WebFailed("Web fetch failed: the address must begin with http:// or https://.")
    if (reason := reason_against_host(host, policy)) is not None:
        raise AddressBlocked(host, reason)
    return parsed.with_user(None).with_fragment(None)


async def _follow(url: URL, settings: WebFetch, resolver: AbstractResolver | None) -> Reply:
    origin = url.origin()
    for _ in range(settings.max_redirects + 1):
        own = _own_headers(settings.headers) if url.origin() == origin else {}
        found = await _hop(url, settings, own, resolver)
        if isinstance(found, Reply):
            return found
        url = checked(urljoin(str(url), found), settings.ssrf_policy)
    raise WebFailed(f"Web fetch failed: more than {settings.max_redirects} redirects.")


async def _hop(url: URL, settings: WebFetch, own: Mapping[str, str], resolver: AbstractResolver | None) -> Reply | str:
    """The answer of one server, or the address that it sends us to."""
    host = url.raw_host or ""
    policy = settings.ssrf_policy
    gate = _Gate(policy, names_listed(host, policy.allowed_hostnames))
    connector = aiohttp.TCPConnector(
        resolver=resolver or aiohttp.ThreadedResolver(),  # the one that reads names as every other program here does
        socket_factory=gate.open,
        use_dns_cache=False,
        force_close=True,
    )
    headers = {"User-Agent": settings.user_agent or USER_AGENT, "Accept": ACCEPT, "Accept-Language": "en-US,en;q=0.9"}
    try:
        async with (
            aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
                trust_env=False,  # a proxy would look names up by itself, and reach what we may not
            ) as session,
            session.get(url, headers={**headers, **own}, allow_redirects=False) as response,
        ):
            if response.status in REDIRECTS and (target := response.headers.get("Location")):
                return target
            return await _read(response, settings.max_response_bytes)
    except (aiohttp.ClientError, OSError, ValueError) as error:
        if gate.reason is not None:
            raise AddressBlocked(host, gate.reason) from None
        raise WebFailed(f"Web fetch failed: {_words(error)}") from error


async def _read(response: aiohttp.ClientResponse, most: int) -> Reply:
    limit = min(max(most, LEAST_BYTES), MOST_BYTES)
    body = bytearray()
    while len(body) <= limit and (piece := await response.content.readany()):
        body += piece
    return Reply(
        url=str(response.url),
        status=response.status,
        content_type=response.content_type,
        charset=response.charset,
        body=bytes(body[:limit]),
        cut=len(body) > limit,
    )


def _own_headers(headers: Mapping[str, Any]) -> dict[str, str]:
    """The operator's headers that a request can carry."""
    kept: dict[str, str] = {}
    for name, secret in headers.items():
        value = secret.get_secret_value()
        usable = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
        if usable and name.lower() not in _OWN_HEADERS and value.isprintable() and value.isascii():
            kept[name.lower()] = value
    return kept


def _words(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "the host name is not known."
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        return "no trusted TLS connection."
    if isinstance(error, aiohttp.ClientConnectorError):
        return "the host does not answer."
    return f"the connection broke ({type(error).__name__})."
