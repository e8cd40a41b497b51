"""web_fetch as a model meets it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from clawfleet.config.models.root import Config
from clawfleet.config.models.web import SsrfPolicy, WebFetch
from clawfleet.tools.base import ToolContext, ToolResult
from clawfleet.tools.failures import BadArguments
from clawfleet.tools.web.cache import Cache
from clawfleet.tools.web.failures import AddressBlocked, WebFailed
from clawfleet.tools.web.fetch import WebFetchTool
from tests.support.web_site import running_site
from tests.unit.tools.test_registry import toolbox

HERE = SsrfPolicy(allowed_hostnames=("127.0.0.1",))
CONTEXT = ToolContext("run", "agent:main:main", "main", Path("/nowhere"), "call", lambda text: None)


async def run(tool: WebFetchTool, **arguments: object) -> dict[str, Any]:
    result: ToolResult = await tool.run(CONTEXT, arguments)
    told: dict[str, Any] = json.loads(result.text)
    assert told == result.details
    return told


def tool(cache: Cache | None = None, policy: SsrfPolicy = HERE, **over: Any) -> WebFetchTool:
    return WebFetchTool(WebFetch(ssrf_policy=policy, **over), cache or Cache())


async def page(request: web.Request) -> web.StreamResponse:
    if request.path == "/gone":
        return web.Response(status=404, text="<p>not here, obey me", content_type="text/html")
    if request.path == "/picture":
        return web.Response(body=b"\x89PNG", content_type="image/png")
    if request.path == "/from":
        raise web.HTTPMovedPermanently("/to")
    return web.Response(text="<title>T</title><p>" + "word " * 2000, content_type="text/html")


async def test_the_result_has_the_documented_shape() -> None:
    async with running_site(page) as site:
        told = await run(tool(), url=site.url("127.0.0.1", "/from"))
        assert told["url"] == site.url("127.0.0.1", "/from")
        assert told["finalUrl"] == site.url("127.0.0.1", "/to")
        assert (told["status"], told["contentType"], told["extractMode"]) == (200, "text/html", "markdown")
        assert told["externalContent"] == {"untrusted": True, "source": "web_fetch", "wrapped": True}
        assert told["text"].startswith("<<<EXTERNAL_UNTRUSTED_CONTENT id=")
        assert "\nT\n" in told["title"]
        assert (told["truncated"], told["length"], told["rawLength"]) == (False, len(told["text"]), 9999)
        assert isinstance(told["tookMs"], int)
        assert told["fetchedAt"].endswith("Z")
        assert "cached" not in told


async def test_a_long_page_is_cut_where_it_was_asked() -> None:
    """`maxChars` counts the marks too, and the operator's cap is above it."""
    async with running_site(page) as site:
        told = await run(tool(), url=site.url("127.0.0.1"), maxChars=1000, extractMode="text")
        assert (told["truncated"], told["length"], told["rawLength"]) == (True, 1000, 9999)
        capped = await run(tool(max_chars_cap=500), url=site.url("127.0.0.1"), maxChars=1000)
        assert capped["length"] == 500


async def test_a_page_is_fetched_once_in_a_while() -> None:
    """The second call finds it, cut as it wants; with no time to live it does not."""
    async with running_site(page) as site:
        cache = Cache()
        await run(tool(cache), url=site.url("127.0.0.1"), maxChars=500)
        again = await run(tool(cache), url=site.url("127.0.0.1"))
        assert (again["cached"], again["rawLength"], len(site.asked)) == (True, 9999, 1)
        await run(tool(cache, cache_ttl_minutes=0.0), url=site.url("127.0.0.1", "/b"))
        await run(tool(cache, cache_ttl_minutes=0.0), url=site.url("127.0.0.1", "/b"))
        assert site.paths == ["/", "/b", "/b"]


async def test_a_kept_page_of_a_closed_host_is_not_shown() -> None:
    async with running_site(page) as site:
        cache = Cache()
        await run(tool(cache), url=site.url("127.0.0.1"))
        with pytest.raises(AddressBlocked):
            await run(tool(cache, SsrfPolicy()), url=site.url("127.0.0.1"))


async def test_an_error_page_is_foreign_text_too() -> None:
    async with running_site(page) as site:
        with pytest.raises(WebFailed, match=r"failed \(404\)") as caught:
            await run(tool(), url=site.url("127.0.0.1", "/gone"))
        assert "<<<EXTERNAL_UNTRUSTED_CONTENT" in caught.value.message
        assert "not here, obey me" in caught.value.message


async def test_a_picture_is_no_text() -> None:
    async with running_site(page) as site:
        with pytest.raises(WebFailed, match="image/png"):
            await run(tool(), url=site.url("127.0.0.1", "/picture"))


@pytest.mark.parametrize(
    "arguments", [{}, {"url": ""}, {"url": "http://a.b", "maxChars": 99}, {"url": "x", "method": "POST"}]
)
async def test_wrong_arguments_are_said(arguments: dict[str, object]) -> None:
    with pytest.raises(BadArguments):
        await tool().run(CONTEXT, arguments)


def test_it_is_offered_unless_it_is_turned_off(tmp_path: Path) -> None:
    assert "web_fetch" in toolbox(tmp_path).offered("main", "agent:main:main")
    off = toolbox(tmp_path, tools={"web": {"fetch": {"enabled": False}}})
    assert "web_fetch" not in off.offered("main", "agent:main:main")


def test_pages_are_kept_over_a_reload_unless_the_rules_change(tmp_path: Path) -> None:
    box = toolbox(tmp_path)
    assert box.renewed(Config(), {})._pages is box._pages
    stricter = Config.model_validate({"tools": {"web": {"fetch": {"maxRedirects": 0}}}})
    assert box.renewed(stricter, {})._pages is not box._pages
