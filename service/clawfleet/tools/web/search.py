"""`web_search`: pages that a search service knows, with what it says of each. Source: tools-and-sessions §2 and §13."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field, field_validator

from clawfleet.config.models.web import WebSearch
from clawfleet.core.messages import ToolSpec
from clawfleet.tools.arguments import Arguments
from clawfleet.tools.base import Tool, ToolContext, ToolResult
from clawfleet.tools.seat import Seat
from clawfleet.tools.web.brave import Found, Query, search
from clawfleet.tools.web.cache import Cache
from clawfleet.tools.web.untrusted import wrapped_line

SOURCE = "Web Search"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
DOMAIN = re.compile(r"-?[\w.-]{1,253}")
CHARS_PER_TOKEN = 4


class WebSearchArguments(Arguments):
    """What a model may ask of web_search."""

    query: Annotated[str, Field(min_length=1, max_length=400, description="What to look for.")]
    count: Annotated[int | None, Field(ge=1, le=10, description="How many results, 1 to 10.")] = None
    country: Annotated[str | None, Field(pattern="^[A-Za-z]{2}$|^ALL$", description="Country code, e.g. DE.")] = None
    language: Annotated[str | None, Field(pattern="^[A-Za-z]{2,3}$", description="Language code, e.g. de.")] = None
    freshness: Annotated[
        Literal["day", "week", "month", "year"] | None, Field(description="Only results of the last day, week …")
    ] = None
    date_after: Annotated[str | None, Field(description="Only results after this day, YYYY-MM-DD.")] = None
    date_before: Annotated[str | None, Field(description="Only results before this day, YYYY-MM-DD.")] = None
    search_lang: Annotated[str | None, Field(description="The service's own language code, e.g. zh-hans.")] = None
    ui_lang: Annotated[str | None, Field(description="Language and region of names, e.g. en-US.")] = None
    domain_filter: Annotated[
        list[str],
        Field(default_factory=list, max_length=20, description="Only these domains; `-x.org` leaves one out."),
    ]
    max_tokens: Annotated[int | None, Field(ge=50, description="Longest text of all results.")] = None
    max_tokens_per_page: Annotated[int | None, Field(ge=10, description="Longest text of one result.")] = None

    @field_validator("date_after", "date_before")
    @classmethod
    def _day(cls, value: str | None) -> str | None:
        if value is not None and not DAY.fullmatch(value):
            raise ValueError("must be a day like 2026-01-31")
        return value

    @field_validator("domain_filter")
    @classmethod
    def _domains(cls, value: list[str]) -> list[str]:
        if bad := [each for each in value if not DOMAIN.fullmatch(each)]:
            raise ValueError(f"{bad[0]!r} is no domain")
        return value


class WebSearchTool:
    """Asks the Brave Search API, or one that speaks like it."""

    spec = ToolSpec(
        name="web_search",
        description="Search the web. Returns titles, addresses and snippets; read a page with web_fetch.",
        parameters=WebSearchArguments.parameters(),
        only_looks=True,
    )

    def __init__(self, settings: WebSearch, api_key: str, cache: Cache) -> None:
        self._settings = settings
        self._api_key = api_key
        self._cache = cache

    async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
        """The results as JSON, foreign words marked as such. Raises `BadArguments`, `WebFailed`."""
        asked = WebSearchArguments.read(self.spec.name, arguments)
        started = time.monotonic()
        key = ("search", self._settings.base_url, asked.model_dump_json())
        payload = self._cache.get(key)
        cached = payload is not None
        if payload is None:
            found = await search(_query(asked, self._settings.max_results), self._settings, self._api_key)
            payload = _payload(asked, found)
            self._cache.put(key, payload, self._settings.cache_ttl_minutes * 60)
        told = {**payload, "tookMs": round((time.monotonic() - started) * 1000)} | ({"cached": True} if cached else {})
        return ToolResult(json.dumps(told, ensure_ascii=False, indent=2), details=told)


def api_key_of(settings: WebSearch, environ: Mapping[str, str]) -> str | None:
    """The key to search with: the config's, else the environment's; None when web_search cannot work."""
    kept = settings.api_key.get_secret_value() if settings.api_key is not None else ""
    return kept.strip() or environ.get("BRAVE_API_KEY", "").strip() or None


def _query(asked: WebSearchArguments, count: int) -> Query:
    return Query(
        text=" ".join([asked.query, *_domains(asked.domain_filter)]),
        count=asked.count or count,
        country=asked.country,
        language=asked.search_lang or asked.language,
        ui_language=asked.ui_lang,
        freshness=asked.freshness,
        after=asked.date_after,
        before=asked.date_before,
    )


def _domains(domains: Sequence[str]) -> list[str]:
    wanted = [f"site:{domain}" for domain in domains if not domain.startswith("-")]
    return [" OR ".join(wanted)] * bool(wanted) + [f"-site:{each[1:]}" for each in domains if each.startswith("-")]


def _payload(asked: WebSearchArguments, found: Sequence[Found]) -> dict[str, object]:
    left = (asked.max_tokens or 25_000) * CHARS_PER_TOKEN
    rows: list[dict[str, object]] = []
    for each in found:
        snippet = each.snippet[: min(left, (asked.max_tokens_per_page or 5_000) * CHARS_PER_TOKEN)]
        left -= len(snippet)
        row: dict[str, object] = {"title": wrapped_line(each.title, SOURCE), "url": each.url}
        if snippet:
            row["snippet"] = wrapped_line(snippet, SOURCE)
        if each.published:
            row["published"] = each.published
        if each.site:
            row["siteName"] = each.site
        rows.append(row)
    return {
        "kind": "results",
        "provider": "brave",
        "query": asked.query,
        "count": len(rows),
        "externalContent": {"untrusted": True, "source": "web_search", "wrapped": True, "provider": "brave"},
        "results": rows,
    }


def for_seat(seat: Seat) -> Tool | None:
    """web_search, when there is a key to search with."""
    settings = seat.config.tools.web.search
    key = api_key_of(settings, seat.environ) if settings.enabled else None
    return WebSearchTool(settings, key, seat.pages) if key else None
