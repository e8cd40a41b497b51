"""The Brave Search API, or a service that speaks like it. Source: its documentation of GET /res/v1/web/search."""

from __future__ import annotations

import asyncio
import datetime
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Literal

from clawfleet.config.models.web import WebSearch
from clawfleet.tools.web.failures import WebFailed
from clawfleet.tools.web.untrusted import wrap

MOST_BYTES = 4_000_000
MOST_ERROR = 1_000
SPANS = {"day": "pd", "week": "pw", "month": "pm", "year": "py"}
LANGUAGES = {"ja": "jp", "zh": "zh-hans", "pt": "pt-pt"}
"""Codes that the service spells in its own way."""
_TAG = re.compile(r"</?(?:strong|b|em|i|br)\s*/?>")


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for, in our words."""

    text: str
    count: int
    country: str | None = None
    language: str | None = None
    ui_language: str | None = None
    freshness: Literal["day", "week", "month", "year"] | None = None
    after: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One result, without markup."""

    title: str
    url: str
    snippet: str
    published: str | None
    site: str | None


async def search(query: Query, settings: WebSearch, api_key: str) -> tuple[Found, ...]:
    """The results. Raises `WebFailed` with what the service says went wrong; never with the key."""
    import aiohttp

    url = f"{settings.base_url.rstrip('/')}/res/v1/web/search"
    headers = {"Accept": "application/json", "X-Subscription-Token": api_key}
    try:
        async with (
            asyncio.timeout(settings.timeout_seconds),
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), trust_env=False) as session,
            session.get(url, params=parameters(query), headers=headers, allow_redirects=False) as response,
        ):
            body = await response.content.read(MOST_BYTES)
            while len(body) < MOST_BYTES and (more := await response.content.read(MOST_BYTES - len(body))):
                body += more
            status = response.status
    except TimeoutError:
        raise WebFailed(f"Web search failed: no answer within {settings.timeout_seconds:g} seconds.") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise WebFailed(f"Web search failed: the search service cannot be reached ({type(error).__name__}).") from None
    text = body.decode("utf-8", "replace")
    if status != 200:
        hint = (
            "The operator's key is refused: tools.web.search.apiKey or BRAVE_API_KEY." if status in (401, 403) else None
        )
        said = wrap(text.replace(api_key, "***")[:MOST_ERROR], "Web Search")
        raise WebFailed(f"Web search failed ({status}):\n{said}", hint=hint)
    return read_results(text)


def parameters(query: Query) -> dict[str, str]:
    """The query as the service wants it. Raises `WebFailed` for a range that it cannot do."""
    language = query.language.lower() if query.language else None
    asked = {
        "q": query.text,
        "count": str(query.count),
        "country": query.country.upper() if query.country else None,
        "search_lang": LANGUAGES.get(language, language) if language else None,
        "ui_lang": query.ui_language,
        "freshness": _span(query),
    }
    return {key: value for key, value in asked.items() if value}


def read_results(text: str) -> tuple[Found, ...]:
    """The results of an answer. Raises `WebFailed` when it is none."""
    try:
        answer = json.loads(text)
        rows = answer.get("web", {}).get("results", [])
        return tuple(_found(rows))
    except (ValueError, AttributeError, TypeError):
        raise WebFailed("Web search failed: the search service did not answer with results.") from None


def _found(rows: list[dict[str, object]]) -> Iterator[Found]:
    for row in rows:
        url = str(row.get("url") or "")
        if not url.startswith(("http://", "https://")):
            continue
        profile = row.get("profile")
        site = profile.get("name") if isinstance(profile, dict) else None
        yield Found(
            title=_plain(row.get("title")),
            url=url,
            snippet=_plain(row.get("description")),
            published=str(row["page_age"]) if row.get("page_age") else None,
            site=str(site) if site else None,
        )


def _plain(value: object) -> str:
    return " ".join(unescape(_TAG.sub("", str(value or ""))).split())


def _span(query: Query) -> str | None:
    if query.freshness:
        return SPANS[query.freshness]
    if not query.after and not query.before:
        return None
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    after, before = query.after or "1970-01-01", query.before or today
    if after > before:
        raise WebFailed("Web search failed: date_after lies behind date_before.")
    return f"{after}to{before}"
