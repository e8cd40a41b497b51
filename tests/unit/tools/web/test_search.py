"""web_search as a model meets it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from clawfleet.config.models.web import WebSearch
from clawfleet.tools.base import ToolContext
from clawfleet.tools.failures import BadArguments
from clawfleet.tools.registry import ToolBox
from clawfleet.tools.web.cache import Cache
from clawfleet.tools.web.search import WebSearchTool, api_key_of
from tests.support.web_site import running_site
from tests.unit.tools.test_registry import toolbox

CONTEXT = ToolContext("run", "agent:main:main", "main", Path("/nowhere"), "call", lambda text: None)
ROW = {"title": "T", "url": "https://a.example/", "description": "snippet " * 100, "page_age": "2026-01-02"}


async def answer(request: web.Request) -> web.StreamResponse:
    return web.json_response({"web": {"results": [ROW, ROW]}, "asked": dict(request.query)})


async def run(tool: WebSearchTool, **arguments: object) -> dict[str, Any]:
    result = await tool.run(CONTEXT, arguments)
    told: dict[str, Any] = json.loads(result.text)
    return told


async def test_the_result_has_the_documented_shape() -> None:
    """Every foreign word is marked; addresses are not, so that they can be fetched."""
    async with running_site(answer) as site:
        told = await run(WebSearchTool(WebSearch(base_url=site.url("127.0.0.1")), "k", Cache()), query="a")
        assert (told["kind"], told["provider"], told["query"], told["count"]) == ("results", "brave", "a", 2)
        assert told["externalContent"] == {
            "untrusted": True,
            "source": "web_search",
            "wrapped": True,
            "provider": "brave",
        }
        first = told["results"][0]
        assert (first["url"], first["published"]) == ("https://a.example/", "2026-01-02")
        assert "\nT\n" in first["title"]
        assert "EXTERNAL_UNTRUSTED_CONTENT" in first["snippet"]


async def test_the_same_question_is_asked_once_in_a_while() -> None:
    async with running_site(answer) as site:
        tool = WebSearchTool(WebSearch(base_url=site.url("127.0.0.1")), "k", Cache())
        await run(tool, query="a")
        assert (await run(tool, query="a"))["cached"] is True
        await run(tool, query="a", count=3)
        assert len(site.asked) == 2


async def test_domains_and_lengths_narrow_the_answer() -> None:
    asked: dict[str, str] = {}

    async def note(request: web.Request) -> web.StreamResponse:
        asked.update(request.query)
        return await answer(request)

    async with running_site(note) as site:
        tool = WebSearchTool(WebSearch(base_url=site.url("127.0.0.1")), "k", Cache())
        told = await run(tool, query="a", domain_filter=["x.org", "y.org", "-z.org"], max_tokens_per_page=10)
        assert asked["q"] == "a site:x.org OR site:y.org -site:z.org"
        assert told["results"][0]["snippet"].count("snippet") == 5  # 40 characters
        told = await run(tool, query="b", max_tokens=50)
        assert "snippet" not in told["results"][1]


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"query": "a", "count": 11},
        {"query": "a", "date_after": "1.1.2026"},
        {"query": "a", "domain_filter": ["a b"]},
    ],
)
async def test_wrong_arguments_are_said(arguments: dict[str, object]) -> None:
    with pytest.raises(BadArguments):
        await WebSearchTool(WebSearch(), "k", Cache()).run(CONTEXT, arguments)


def test_the_configs_key_wins() -> None:
    assert api_key_of(WebSearch.model_validate({"apiKey": "a"}), {"BRAVE_API_KEY": "b"}) == "a"
    assert api_key_of(WebSearch(), {"BRAVE_API_KEY": "b"}) == "b"
    assert api_key_of(WebSearch(), {"BRAVE_API_KEY": " "}) is None


def test_it_is_offered_with_a_key_only(tmp_path: Path) -> None:
    """In the config or in the environment; and not when it is turned off."""

    def offered(box: ToolBox) -> bool:
        return "web_search" in box.offered("main", "agent:main:main")

    assert not offered(toolbox(tmp_path))
    keyed = toolbox(tmp_path, tools={"web": {"search": {"apiKey": "k"}}})
    assert offered(keyed)
    assert offered(keyed.renewed(toolbox(tmp_path)._config, {"BRAVE_API_KEY": "k"}))
    assert not offered(toolbox(tmp_path, tools={"web": {"search": {"apiKey": "k", "enabled": False}}}))
