"""Pools of connections to providers, one for each way to travel, and the guard of what they may reach."""

from __future__ import annotations

import asyncio
import os
import ssl
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from clawfleet.models.hosts import refusal_of
from clawfleet.models.providers.route import PLAIN_TLS, Route, Tls

PROXY_SCHEMES = ("http://", "https://")


class AddressRefused(OSError):
    """A host may not be reached; says why."""


class BadRoute(ValueError):
    """A proxy or a certificate of the config that cannot be used; says which."""


class Connections:
    """The pools, each opened when the first call travels its way."""

    def __init__(self) -> None:
        self._sessions: dict[Route, aiohttp.ClientSession] = {}

    async def on(self, route: Route) -> aiohttp.ClientSession:
        """The pool for a route. Raises `BadRoute`."""
        found = self._sessions.get(route)
        if found is None or found.closed:
            context = await asyncio.to_thread(_context, route)
            found = self._sessions.get(route)
            if found is None or found.closed:
                found = self._sessions[route] = _session(route, context)
        return found

    async def close(self) -> None:
        """Close every connection."""
        sessions = list(self._sessions.values())
        self._sessions.clear()
        for session in sessions:
            await session.close()


class _Guard(AbstractResolver):
    """Looks names up, and leaves out what may not be reached."""

    def __init__(self, private: bool | None) -> None:
        self._names = ThreadedResolver()
        self._private = private

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        found = await self._names.resolve(host, port, family)  # type: ignore[arg-type]
        allowed = [row for row in found if refusal_of(row["host"], self._private) is None]
        if found and not allowed:
            raise AddressRefused(refusal_of(found[0]["host"], self._private) or "")
        return allowed

    async def close(self) -> None:
        await self._names.close()


def _session(route: Route, context: ssl.SSLContext | None) -> aiohttp.ClientSession:
    # Through a proxy it is the proxy that is looked up here, and the operator named it.
    private = True if route.proxy else route.private
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=0,  # the lanes bound how many turns run at once
            ssl=context if context is not None else True,
            resolver=_Guard(private),
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,  # HTTP_PROXY must not capture providers on this machine
    )


def _context(route: Route) -> ssl.SSLContext | None:
    """What TLS goes by; None where nothing is said. One context serves proxy and provider: it trusts what both need."""
    if route.proxy and not route.proxy.startswith(PROXY_SCHEMES):
        raise BadRoute("request.proxy.url must begin with http:// or https://")
    if route.tls == PLAIN_TLS and route.proxy_tls == PLAIN_TLS:
        return None
    context = ssl.create_default_context()
    for place, tls in (("request.tls", route.tls), ("request.proxy.tls", route.proxy_tls)):
        _trust(context, tls, place)
        _identify(context, tls, place)
    if route.tls.skips_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _trust(context: ssl.SSLContext, tls: Tls, place: str) -> None:
    if not tls.ca:
        return
    try:
        context.load_verify_locations(cadata=_pem(tls.ca))
    except (OSError, ValueError) as error:
        raise BadRoute(f"{place}.ca cannot be used: {_why(error)}") from None


def _identify(context: ssl.SSLContext, tls: Tls, place: str) -> None:
    if not tls.cert:
        return
    try:
        text = "\n".join(_pem(each) for each in (tls.cert, tls.key) if each)
        handle, name = mkstemp(prefix="clawfleet-")  # the library reads certificates from files only
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            context.load_cert_chain(name, password=tls.passphrase)
        finally:
            with suppress(OSError):
                Path(name).unlink()
    except (OSError, ValueError) as error:
        raise BadRoute(f"{place}.cert and {place}.key cannot be used: {_why(error)}") from None


def _pem(text: str) -> str:
    return text if "-----BEGIN" in text else Path(text).read_text("utf-8")


def _why(error: Exception) -> str:
    """Few words, and none of what was read."""
    if isinstance(error, ssl.SSLError):
        return "no valid PEM text, or a wrong passphrase"
    return (error.strerror or "unreadable").lower() if isinstance(error, OSError) else "no text"
