"""The Brave Search API: what is asked, and what its answers mean."""

from __future__ import annotations

import json

import pytest
from aiohttp import web

from clawfleet.config.models.web import WebSearch
from clawfleet.tools.web.brave import Found, Query, parameters, read_results, search
from clawfleet.tools.web.failures import WebFailed
from tests.support.gateway import free_port
from tests.support.web_site import running_site

ANSWER = {
    "web": {
        "results": [
            {
                "title": "One &amp; <strong>two</strong>",
                "url": "https://a.example/",
                "description": "So <strong>it</strong> is",
                "page_age": "2026-01-02T03:04:05",
                "profile": {"name": "A"},
            },
            {"title": "No web address", "url": "javascript:alert(1)"},
            {"url": "https://b.example/"},
        ]
    }
}


def test_an_answer_is_read_without_markup() -> None:
    assert read_results(json.dumps(ANSWER)) == (
        Found("One & two", "https://a.example/", "So it is", "2026-01-02T03:04:05", "A"),
        Found("", "https://b.example/", "", None, None),
    )


@pytest.mark.parametrize("text", ["", "[]", '{"web": []}', '{"web": {"results": [1]}}', "<html>"])
def test_what_is_no_answer_is_said(text: str) -> None:
    with pytest.raises(WebFailed, match="did not answer with results"):
        read_results(text)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query("a", 5), {"q": "a", "count": "5"}),
        (
            Query("a", 1, country="de", language="ZH"),
            {"q": "a", "count": "1", "country": "DE", "search_lang": "zh-hans"},
        ),
        (Query("a", 1, freshness="week"), {"q": "a", "count": "1", "freshness": "pw"}),
        (
            Query("a", 1, after="2026-01-01", before="2026-02-01"),
            {"q": "a", "count": "1", "freshness": "2026-01-01to2026-02-01"},
        ),
        (Query("a", 1, before="2026-02-01"), {"q": "a", "count": "1", "freshness": "1970-01-01to2026-02-01"}),
    ],
)
def test_a_query_in_the_services_words(query: Query, expected: dict[str, str]) -> None:
    assert parameters(query) == expected


def test_a_time_that_runs_backwards_is_refused() -> None:
    with pytest.raises(WebFailed, match="date_after"):
        parameters(Query("a", 1, after="2026-02-01", before="2026-01-01"))


async def test_the_key_travels_in_a_header_only() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.json_response(ANSWER)

    async with running_site(answer) as site:
        found = await search(Query("a b", 2), WebSearch(base_url=site.url("127.0.0.1")), "brave-key")
        assert len(found) == 2
        path, headers = site.asked[0]
        assert (path, headers["X-Subscription-Token"]) == ("/res/v1/web/search", "brave-key")


@pytest.mark.parametrize(("status", "hinted"), [(401, True), (429, False), (500, False)])
async def test_a_refusal_is_told_without_the_key(status: int, hinted: bool) -> None:
    """With what the service says, marked as foreign."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text="bad token brave-key")

    async with running_site(answer) as site:
        with pytest.raises(WebFailed, match=rf"\({status}\)") as caught:
            await search(Query("a", 2), WebSearch(base_url=site.url("127.0.0.1")), "brave-key")
        assert "brave-key" not in caught.value.message
        assert "<<<EXTERNAL_UNTRUSTED_CONTENT" in caught.value.message
        assert bool(caught.value.hint) is hinted


async def test_a_service_that_is_not_there_is_said() -> None:
    with pytest.raises(WebFailed, match="cannot be reached"):
        await search(Query("a", 2), WebSearch(base_url=f"http://127.0.0.1:{free_port()}"), "brave-key")
