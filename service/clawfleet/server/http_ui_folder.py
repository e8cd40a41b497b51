"""`gateway.controlUi.root`: another Control UI, served from a directory of the operator's.

Its files change under a running gateway, may be many, and are nobody's of ours: each is read when it is asked for, from
inside that directory only. Scripts inside its page run when they stood in it as it was read. Source: http-and-web §13.
"""

from __future__ import annotations

import hashlib
import logging
import mimetypes
import os
import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

log = logging.getLogger("clawfleet.server")

PAGE = "index.html"
MOST_BYTES = 64 * 2**20
"""Of one file, which is read whole."""

MEDIA_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".webp": "image/webp",
    ".wasm": "application/wasm",
}

_INLINE = re.compile(rb"<script\b(?![^>]*\bsrc\s*=)[^>]*>(.*?)</script\s*>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Found:
    content: bytes
    media_type: str
    is_page: bool


class UiFolder:
    """The files of one directory and of those below it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        if self._read(PAGE) is None:
            log.warning("gateway.controlUi.root has no readable %s: nobody gets a page (%s)", PAGE, root)

    async def answer(self, path: str, request: Request, *, wants_page: bool) -> Response | None:
        """The file at `path`, else the page where a browser asks for one; None when there is neither.

        What has a suffix is a file: a script that is missing must not come as a page.
        """
        wants_page = wants_page and "." not in path.rpartition("/")[2]
        found = await run_in_threadpool(self._find, path, wants_page)
        return None if found is None else _send(found, request)

    def _find(self, path: str, wants_page: bool) -> _Found | None:
        names = [*_candidates(path), *([PAGE] if wants_page else [])]
        return next((found for name in names if (found := self._read(name)) is not None), None)

    def _read(self, name: str) -> _Found | None:
        """A file inside the directory, links followed only as far as they stay in it."""
        try:
            root = self._root.resolve(strict=True)
            place = (root / name).resolve(strict=True)
            if not place.is_relative_to(root) or not place.is_file() or place.stat().st_size > MOST_BYTES:
                return None
            content = place.read_bytes()
        except (OSError, ValueError, RuntimeError):  # absent, unreadable, too long, with a NUL, links in a circle
            return None
        is_page = place.suffix in {".html", ".htm"}
        return _Found(content, "text/html; charset=utf-8" if is_page else _media_type(place), is_page)


def _candidates(path: str) -> Iterator[str]:
    """What may be meant: pages have addresses relative to themselves, so `/settings/assets/x` is `/assets/x` too.

    Hidden names never are.
    """
    words = [word for word in path.split("/") if word]
    if not words or any(word.startswith(".") or os.sep in word for word in words):
        return
    yield from ("/".join(words[start:]) for start in range(len(words)))


def _media_type(place: Path) -> str:
    known = MEDIA_TYPES.get(place.suffix) or mimetypes.guess_type(place.name, strict=False)[0]
    found = known or "application/octet-stream"
    return f"{found}; charset=utf-8" if found.startswith("text/") else found


def policy_of(page: bytes) -> str:
    """The Content-Security-Policy under which a page that is not ours works: its own scripts, no other host's."""
    hashes = [f"'sha256-{b64encode(hashlib.sha256(text).digest()).decode()}'" for text in _INLINE.findall(page)]
    return "; ".join(
        (
            "default-src 'self'",
            "base-uri 'none'",
            "object-src 'none'",
            "frame-ancestors 'none'",
            " ".join(("script-src 'self' 'wasm-unsafe-eval'", *dict.fromkeys(hashes))),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob: https:",
            "media-src 'self' data: blob:",
            "font-src 'self' data:",
            "worker-src 'self'",
            "connect-src 'self' ws: wss: data:",
        )
    )


def _send(found: _Found, request: Request) -> Response:
    etag = f'"{hashlib.sha256(found.content).hexdigest()[:32]}"'
    headers = {"Cache-Control": "no-cache", "ETag": etag}
    if found.is_page:
        headers |= {"Content-Security-Policy": policy_of(found.content), "X-Frame-Options": "DENY"}
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if etag in known:
        return Response(status_code=304, headers=headers)
    return Response(found.content, media_type=found.media_type, headers=headers)
