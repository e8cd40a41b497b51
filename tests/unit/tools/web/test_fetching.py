"""One GET: every address is checked when it is connected to, and everything has a bound."""

from __future__ import annotations

import asyncio
import gzip

import pytest
from aiohttp import web

from clawfleet.config.models.web import SsrfPolicy, WebFetch
from clawfleet.tools.web.failures import AddressBlocked, WebFailed
from clawfleet.tools.web.fetching import checked, fetch
from tests.support.web_site import Names, Site, running_site

OPEN = SsrfPolicy(allowed_hostnames=("front.test",))
HERE = [["127.0.0.1"]]


def settings(policy: SsrfPolicy = OPEN, **more: object) -> WebFetch:
    return WebFetch(ssrf_policy=policy, **more)


async def hello(request: web.Request) -> web.StreamResponse:
    return web.Response(text="hello", content_type="text/plain")


async def refused(site: Site, url: str, names: Names | None = None, policy: SsrfPolicy = OPEN) -> AddressBlocked:
    """The refusal; nothing may have reached the server."""
    with pytest.raises(AddressBlocked) as caught:
        await fetch(url, settings(policy), resolver=names)
    assert site.asked == []
    return caught.value


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "0177.1", "[::ffff:127.0.0.1]", "[::1]", "localhost", "0"]
)
async def test_this_machine_is_not_reached(host: str) -> None:
    """In no spelling."""
    async with running_site(hello) as site:
        assert "Blocked hostname or private" in str(await refused(site, site.url(host)))


async def test_a_name_that_leads_to_an_inner_address_is_not_followed() -> None:
    """The name looks public; what counts is where it leads at the moment of connecting."""
    async with running_site(hello) as site:
        error = await refused(site, site.url("public.example.com"), Names({"public.example.com": HERE}))
        assert error.hint and "allowedHostnames" in error.hint


async def test_a_name_that_changes_its_mind_is_not_followed() -> None:
    """DNS rebinding: a name is looked up once for a connection, and that answer is the one that is judged."""
    open_range = SsrfPolicy(allow_rfc2544_benchmark_range=True)  # stands for the public net: nobody answers there
    async with running_site(hello) as site:
        names = Names({"rebind.example.com": [["198.18.0.1"], ["127.0.0.1"]]})
        with pytest.raises(WebFailed):
            await fetch(site.url("rebind.example.com"), settings(open_range, timeout_seconds=0.5), resolver=names)
        assert names.asked == ["rebind.example.com"]
        assert site.asked == []
        await refused(site, site.url("rebind.example.com"), names, open_range)


async def test_an_inner_address_beside_a_public_one_is_not_tried() -> None:
    """Both in one answer."""
    open_range = SsrfPolicy(allow_rfc2544_benchmark_range=True)
    async with running_site(hello) as site:
        names = Names({"both.example.com": [["198.18.0.1", "127.0.0.1"]]})
        with pytest.raises((WebFailed, AddressBlocked)):
            await fetch(site.url("both.example.com"), settings(open_range, timeout_seconds=1), resolver=names)
        assert site.asked == []


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{port}/inner",
        "http://0x7f.1:{port}/inner",
        "http://[::ffff:127.0.0.1]:{port}/inner",
        "//localhost:{port}/inner",
        "http://other.example.com:{port}/inner",
        "http://169.254.169.254/latest/meta-data/",
    ],
)
async def test_a_redirect_to_an_inner_address_is_not_followed(target: str) -> None:
    """The first host is fine, the second is judged like the first."""

    async def away(request: web.Request) -> web.StreamResponse:
        if request.path == "/":
            raise web.HTTPFound(target.format(port=request.url.port))
        return web.Response(text="secret")

    async with running_site(away) as site:
        names = Names({"front.test": HERE, "other.example.com": HERE})
        with pytest.raises(AddressBlocked):
            await fetch(site.url("front.test"), settings(), resolver=names)
        assert site.paths == ["/"]


async def test_a_redirect_elsewhere_than_the_web_is_not_followed() -> None:
    async def away(request: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": "file:///etc/passwd"})

    async with running_site(away) as site:
        with pytest.raises(WebFailed, match="http://"):
            await fetch(site.url("front.test"), settings(), resolver=Names({"front.test": HERE}))


async def test_a_chain_of_redirects_has_an_end() -> None:
    """As many as are allowed are followed, with the place they lead to; one more is too many."""

    async def chain(request: web.Request) -> web.StreamResponse:
        step = int(request.path.strip("/") or 0)
        if step < 3:
            raise web.HTTPFound(f"/{step + 1}")
        return web.Response(text="end")

    async with running_site(chain) as site:
        names = Names({"front.test": HERE})
        reply = await fetch(site.url("front.test"), settings(), resolver=names)
        assert (reply.url, reply.body) == (site.url("front.test", "/3"), b"end")
        with pytest.raises(WebFailed, match="more than 2 redirects"):
            await fetch(site.url("front.test"), settings(max_redirects=2), resolver=names)


async def test_the_operator_opens_the_private_network() -> None:
    """Opt-in: one host, or all of it."""
    async with running_site(hello) as site:
        everything = SsrfPolicy(dangerously_allow_private_network=True)
        assert (await fetch(site.url("127.0.0.1"), settings(everything))).body == b"hello"
        assert (await fetch(site.url("localhost"), settings(everything))).body == b"hello"
        one = SsrfPolicy(allowed_hostnames=("127.0.0.1",))
        assert (await fetch(site.url("127.0.0.1"), settings(one))).body == b"hello"


async def test_a_page_is_read_up_to_its_bound() -> None:
    """Compressed ones too: what counts is what comes out."""

    async def large(request: web.Request) -> web.StreamResponse:
        body = gzip.compress(b"x" * 5_000_000)
        return web.Response(body=body, headers={"Content-Encoding": "gzip", "Content-Type": "text/plain"})

    async with running_site(large) as site:
        limits = settings(max_response_bytes=100_000)
        reply = await fetch(site.url("front.test"), limits, resolver=Names({"front.test": HERE}))
        assert (len(reply.body), reply.cut) == (100_000, True)


async def test_a_page_that_never_ends_is_given_up() -> None:
    """The clock counts the whole of it."""

    async def slow(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x")
            await asyncio.sleep(0.01)

    async with running_site(slow) as site:
        with pytest.raises(WebFailed, match=r"within 0\.2 seconds"):
            await fetch(site.url("front.test"), settings(timeout_seconds=0.2), resolver=Names({"front.test": HERE}))


async def test_an_operators_headers_stay_with_the_host_that_was_asked() -> None:
    """A redirect to another host does not get them; names that are the request's own are left out."""
    port = 0

    async def away(request: web.Request) -> web.StreamResponse:
        if request.path == "/":
            raise web.HTTPFound(f"http://second.test:{port}/end")
        return web.Response(text="end")

    policy = SsrfPolicy(allowed_hostnames=("front.test", "second.test"))
    async with running_site(away) as site:
        port = site.port
        headers = {"X-Route": "staging", "Connection": "upgrade", "Bad Name": "x", "X-Line": "a\r\nb: c"}
        names = Names({"front.test": HERE, "second.test": HERE})
        await fetch(site.url("front.test"), settings(policy, headers=headers, user_agent="me/1"), resolver=names)
        first, second = (headers for _, headers in site.asked)
        assert (first["x-route"], first["User-Agent"]) == ("staging", "me/1")
        assert "x-route" not in second
        assert "x-line" not in first


@pytest.mark.parametrize(
    "url", ["ftp://example.com", "file:///etc/passwd", "example.com", "http://", "http://a:x/", ""]
)
def test_what_is_no_web_address_is_said(url: str) -> None:
    with pytest.raises(WebFailed):
        checked(url, SsrfPolicy())


def test_names_and_passwords_are_not_sent() -> None:
    """Nor do they hide the host."""
    assert str(checked("http://user:pw@example.com/a#part", SsrfPolicy())) == "http://example.com/a"
    with pytest.raises(AddressBlocked):
        checked("http://example.com@127.0.0.1/", SsrfPolicy())


async def test_a_host_that_does_not_answer_is_said() -> None:
    async with running_site(hello) as site:
        gone = site.port
    with pytest.raises(WebFailed, match="does not answer"):
        await fetch(f"http://front.test:{gone}/", settings(), resolver=Names({"front.test": HERE}))
