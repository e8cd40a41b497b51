"""Requests travel as the operator says: through proxies, with own certificates, and never where keys lie open."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from clawfleet.models.providers.base import Endpoint
from clawfleet.models.providers.call import Call
from clawfleet.models.providers.connections import BadRoute, Connections
from clawfleet.models.providers.failures import CallFailed, ProviderDown, Site
from clawfleet.models.providers.http import Http
from clawfleet.models.providers.route import STRAIGHT, Route, Tls
from tests.fakes.proxy import proxy
from tests.fakes.serving import in_thread
from tests.support.certificates import Authority

AUTHORITY = Authority()
OWN = Tls(ca=AUTHORITY.pem)
NOTHING: dict[str, object] = {}


def echo() -> web.Application:
    """Answers with the headers that it got."""

    async def answer(request: web.Request) -> web.Response:
        return web.json_response({name.lower(): value for name, value in request.headers.items()})

    app = web.Application()
    app.add_routes([web.post("/x", answer), web.get("/x", answer)])
    return app


@asynccontextmanager
async def opened() -> AsyncIterator[Http]:
    found = Http()
    try:
        yield found
    finally:
        await found.close()


async def got(url: str, route: Route = STRAIGHT, body: dict[str, object] | None = NOTHING) -> str:
    endpoint = Endpoint("lan", url, route=route)
    call = Call(f"{url}/x", body, {}, endpoint, Site.of(endpoint, "m"))
    async with opened() as http, http.send(call) as reply:
        return "".join([data.decode() async for batch in reply for data in batch])


async def test_a_call_without_a_body_is_a_get() -> None:
    with in_thread(echo) as url:
        assert "content-type" in await got(url)
        assert "content-type" not in await got(url, body=None)


async def test_calls_on_one_route_share_their_connections() -> None:
    connections = Connections()
    assert await connections.on(STRAIGHT) is await connections.on(Route())
    assert await connections.on(Route(private=True)) is not await connections.on(STRAIGHT)
    await connections.close()


async def test_a_request_goes_through_its_proxy() -> None:
    with in_thread(echo) as url, proxy("me:s3cret-word") as found:
        host = found.url.removeprefix("http://")
        assert "host" in await got(url, Route(proxy=f"http://me:s3cret-word@{host}"))
        assert found.asked == [f"POST {url}/x"]
        with pytest.raises(ProviderDown, match="its proxy wants a user and a password") as caught:
            await got(url, Route(proxy=f"http://me:another-word@{host}"))
    assert "another-word" not in caught.value.message + str(caught.value.hint)


async def test_a_proxy_tunnels_to_a_server_with_its_own_authority(tmp_path: Path) -> None:
    server = AUTHORITY.sign("127.0.0.1").server(tmp_path)
    with in_thread(echo, server) as url, proxy() as found:
        assert "host" in await got(url, Route(proxy=found.url, tls=OWN))
        assert found.asked == [f"CONNECT {url.removeprefix('https://')}"]


async def test_a_proxy_may_itself_be_behind_tls(tmp_path: Path) -> None:
    with in_thread(echo) as url, proxy(tls=AUTHORITY.sign("127.0.0.1").server(tmp_path)) as found:
        assert "host" in await got(url, Route(proxy=found.url, proxy_tls=OWN))
        with pytest.raises(ProviderDown, match="no trusted TLS connection"):
            await got(url, Route(proxy=found.url))


async def test_a_proxy_that_is_not_there_is_named_as_the_one() -> None:
    with pytest.raises(ProviderDown, match="its proxy: connection refused"):
        await got("http://127.0.0.1:1", Route(proxy="http://127.0.0.1:9"))


async def test_a_server_of_an_unknown_authority_is_trusted_only_when_told(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_text(AUTHORITY.pem)
    with in_thread(echo, AUTHORITY.sign("127.0.0.1").server(tmp_path)) as url:
        with pytest.raises(ProviderDown, match="no trusted TLS connection") as caught:
            await got(url)
        assert "request.tls.ca" in str(caught.value.hint)
        assert "host" in await got(url, Route(tls=OWN))
        assert "host" in await got(url, Route(tls=Tls(ca=str(ca))))
        assert "host" in await got(url, Route(tls=Tls(skips_verify=True)))


async def test_a_certificate_may_be_for_another_name(tmp_path: Path) -> None:
    with in_thread(echo, AUTHORITY.sign("llm.internal").server(tmp_path)) as url:
        with pytest.raises(ProviderDown, match="no trusted TLS connection"):
            await got(url, Route(tls=OWN))
        assert "host" in await got(url, Route(tls=Tls(ca=AUTHORITY.pem, server_name="llm.internal")))


async def test_the_gateway_shows_its_own_certificate(tmp_path: Path) -> None:
    own = AUTHORITY.sign("gateway", passphrase="open-sesame")
    wants = AUTHORITY.sign("127.0.0.1").server(tmp_path, client_ca=AUTHORITY.pem)
    tls = Tls(ca=AUTHORITY.pem, cert=own.cert, key=own.key, passphrase="open-sesame")
    with in_thread(echo, wants) as url:
        assert "host" in await got(url, Route(tls=tls))
        with pytest.raises(CallFailed):
            await got(url, Route(tls=OWN))


@pytest.mark.parametrize(
    ("route", "why"),
    [
        (Route(tls=Tls(ca="/nowhere/ca.pem")), "request.tls.ca cannot be used: no such file"),
        (Route(tls=Tls(ca="-----BEGIN nothing")), "request.tls.ca cannot be used: no valid PEM"),
        (Route(tls=Tls(cert="-----BEGIN nothing", key="k")), "request.tls.cert and request.tls.key cannot be used"),
        (Route(proxy="socks5://127.0.0.1:1"), "must begin with http"),
    ],
)
async def test_what_cannot_be_used_is_named(route: Route, why: str) -> None:
    with pytest.raises(BadRoute, match=why):
        await Connections().on(route)
    with pytest.raises(ProviderDown, match=why):
        await got("http://127.0.0.1:1", route)


async def test_an_address_where_clouds_keep_credentials_is_not_asked() -> None:
    with pytest.raises(ProviderDown, match="machine credentials"):
        await got("http://169.254.169.254/v1")


async def test_a_name_that_leads_to_such_an_address_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def lookup(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", port))]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with pytest.raises(ProviderDown, match="machine credentials"):
        await got("http://llm.example.com")


async def test_private_addresses_can_be_refused() -> None:
    with in_thread(echo) as url:
        assert "host" in await got(url)
        for address in (url, url.replace("127.0.0.1", "localhost"), url.replace("127.0.0.1", "127.0.0.1.nip.invalid")):
            with pytest.raises(ProviderDown):
                await got(address, Route(private=False))
