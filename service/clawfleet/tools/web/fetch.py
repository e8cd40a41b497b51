"""`web_fetch`: one page of the web, read for the model. Source: tools-and-sessions §2 and §13."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from clawfleet.config.models.web import WebFetch
from clawfleet.core.clock import iso_time, now_ms
from clawfleet.core.messages import ToolSpec
from clawfleet.tools.arguments import Arguments
from clawfleet.tools.base import Tool, ToolContext, ToolResult
from clawfleet.tools.seat import Seat
from clawfleet.tools.web.cache import Cache
from clawfleet.tools.web.failures import WebFailed
from clawfleet.tools.web.readable import is_textual, read_page
from clawfleet.tools.web.reply import Reply
from clawfleet.tools.web.untrusted import OVERHEAD, wrap, wrapped_line

if TYPE_CHECKING:
    from aiohttp.abc import AbstractResolver

SOURCE = "Web Fetch"
MOST_TITLE = 256
MOST_ERROR = 4_000


class WebFetchArguments(Arguments):
    """What a model may ask of web_fetch."""

    url: Annotated[str, Field(min_length=1, description="http or https address of the page.")]
    extract_mode: Annotated[
        Literal["markdown", "text"],
        Field(validation_alias="extractMode", description="How the text is written; default: markdown."),
    ] = "markdown"
    max_chars: Annotated[
        int | None, Field(ge=100, validation_alias="maxChars", description="Longest text; longer ones are cut.")
    ] = None


class WebFetchTool:
    """Reads pages with GET, without JavaScript. `resolver` looks names up instead of the system's in tests."""

    spec = ToolSpec(
        name="web_fetch",
        description=(
            "Fetch a page by its http(s) address and return its readable text. No JavaScript is run and nobody is "
            "logged in; addresses of private networks are refused."
        ),
        parameters=WebFetchArguments.parameters(),
        only_looks=True,
    )

    def __init__(self, settings: WebFetch, cache: Cache, *, resolver: AbstractResolver | None = None) -> None:
        self._settings = settings
        self._cache = cache
        self._resolver = resolver

    async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
        """The page as JSON, its text marked as foreign. Raises `BadArguments`, `AddressBlocked`, `WebFailed`."""
        from clawfleet.tools.web.fetching import checked, fetch

        asked = WebFetchArguments.read(self.spec.name, arguments)
        started = time.monotonic()
        url = str(checked(asked.url, self._settings.ssrf_policy))
        key = ("fetch", url, asked.extract_mode)
        page = self._cache.get(key)
        cached = page is not None
        if page is None:
            page = await self._read(asked, await fetch(url, self._settings, resolver=self._resolver))
            self._cache.put(key, page, self._settings.cache_ttl_minutes * 60)
        took_ms = round((time.monotonic() - started) * 1000)
        payload = self._payload(asked, page) | {"tookMs": took_ms} | ({"cached": True} if cached else {})
        return ToolResult(json.dumps(payload, ensure_ascii=False, indent=2), details=payload)

    async def _read(self, asked: WebFetchArguments, reply: Reply) -> dict[str, object]:
        """What is kept of a page: everything but what depends on how much of it is wanted."""
        if not is_textual(reply.content_type):
            raise WebFailed(f"Web fetch failed: {reply.content_type} cannot be read as text.")
        page = await asyncio.to_thread(read_page, reply, mode=asked.extract_mode, main_text=self._settings.readability)
        if page is None:
            raise WebFailed("Web fetch failed: the page cannot be read as text.")
        if reply.status >= 400:
            raise WebFailed(f"Web fetch failed ({reply.status}):\n{wrap(page.text[:MOST_ERROR], SOURCE)}")
        return {
            "url": asked.url,
            "finalUrl": reply.url,
            "status": reply.status,
            "contentType": reply.content_type,
            "title": page.title,
            "extractMode": asked.extract_mode,
            "extractor": page.extractor,
            "cut": reply.cut,
            "fetchedAt": iso_time(now_ms()),
            "text": page.text,
        }

    def _payload(self, asked: WebFetchArguments, page: Mapping[str, object]) -> dict[str, object]:
        settings = self._settings
        limit = min(asked.max_chars or settings.max_chars, settings.max_chars_cap)
        raw, title = str(page["text"]), str(page["title"] or "")
        kept = raw[: max(0, limit - OVERHEAD - len(SOURCE))]
        text = wrap(kept, SOURCE)
        payload = {key: value for key, value in page.items() if key not in ("title", "text", "cut")}
        payload |= {"title": wrapped_line(title[:MOST_TITLE], SOURCE)} if title else {}
        return payload | {
            "url": asked.url,
            "externalContent": {"untrusted": True, "source": "web_fetch", "wrapped": True},
            "truncated": bool(page["cut"]) or len(kept) < len(raw),
            "length": len(text),
            "rawLength": len(raw),
            "text": text,
        }


def for_seat(seat: Seat) -> Tool | None:
    """web_fetch, unless the operator turned it off."""
    settings = seat.config.tools.web.fetch
    return WebFetchTool(settings, seat.pages) if settings.enabled else None
