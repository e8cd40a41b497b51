"""The Control UI's static files: `/` with its fallback for page paths, `/assets/*`, `/favicon.svg`.

Mounted last, so it also answers whatever no other route wanted: a page where a browser asks for one, JSON where an
API client lost its way. The WebSocket the page talks to is `ws.py`. Source: http-and-web §2 and §13.
"""

from __future__ import annotations

import gzip
import hashlib
import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Match, Route

from clawfleet import __version__
from clawfleet.server.http_ui_folder import UiFolder

UI_DIR = Path(__file__).parent / "ui"

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self' ws: wss:",
    )
)
PAGE_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding",
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "X-Frame-Options": "DENY",
    }
)
"""Of a page alone; those of every answer are `serving.HEADERS`."""

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

API_PATHS = (
    "/v1",
    "/models",
    "/chat/completions",
    "/responses",
    "/embeddings",
    "/hooks",
    "/api",
    "/metrics",
    "/__openclaw__",
)
"""Paths of API clients, with everything below them: a page here would hide the mistake from its caller."""

MEANT_V1 = ("/models", "/chat/completions", "/responses", "/embeddings")
"""What a client with a base URL that lacks `/v1` asks for."""


@dataclass(frozen=True, slots=True)
class UiFile:
    """One static file as it goes out, plain or compressed; `etag` is the plain one's, without quotes."""

    content: bytes
    compressed: bytes
    media_type: str
    etag: str


class UiFiles:
    """The files of one UI directory, each read at its first request and kept for the life of the process.

    Only names that stand in the directory itself are known; a requested path is never joined to it.
    """

    def __init__(self, directory: Path, *, instance_id: str, prefix: str = "") -> None:
        self._directory = directory
        self._instance_id = instance_id
        self._prefix = prefix
        self._kept: dict[str, UiFile] = {}

    async def answer(self, path: str, request: Request, *, wants_page: bool) -> Response | None:
        """The asset at `path`, or the page where a browser asks for one; None when there is neither."""
        name = _asset_name(path)
        found = await self.asset(name) if name is not None else await self.page() if wants_page else None
        return _send(found, request) if found else None

    async def page(self) -> UiFile:
        """`index.html` with this gateway's instance id and version in its `data-` attributes."""
        if kept := self._kept.get("index.html"):
            return kept
        return await run_in_threadpool(self._read, "index.html")

    async def asset(self, name: str) -> UiFile | None:
        """The file called `name`, or None when the directory has no such asset."""
        if Path(name).suffix not in MEDIA_TYPES:
            return None
        return self._kept.get(name) or await run_in_threadpool(self._find, name)

    def _find(self, name: str) -> UiFile | None:
        if name not in {path.name for path in self._directory.iterdir() if path.is_file()}:
            return None
        return self._read(name)

    def _read(self, name: str) -> UiFile:
        content = (self._directory / name).read_bytes()
        media_type = MEDIA_TYPES.get(Path(name).suffix, "text/html; charset=utf-8")
        if name == "index.html":
            content = self._personalise(content.decode()).encode()
        etag = hashlib.sha256(content).hexdigest()[:32]
        return self._kept.setdefault(name, UiFile(content, gzip.compress(content, mtime=0), media_type, etag))

    def _personalise(self, page: str) -> str:
        instance, version = html.escape(self._instance_id), html.escape(__version__)
        prefix = html.escape(self._prefix)
        page = page.replace('="/assets/', f'="{prefix}/assets/').replace('="/favicon', f'="{prefix}/favicon')
        return page.replace('data-gateway-instance=""', f'data-gateway-instance="{instance}"', 1).replace(
            'data-gateway-version=""', f'data-gateway-version="{version}"', 1
        )


def mount_ui(app: FastAPI, *, instance_id: str, prefix: str = "", root: Path | None = None) -> None:
    """Adds the Control UI to `app`. Call it after every other route: it takes every request that is left.

    `instance_id` is opaque and stable for a state dir; the page uses it to tell one gateway from another. With a
    `prefix` (`gateway.controlUi.basePath`) there are pages for requests of `base_path.py` alone. `root` is the
    directory of another Control UI (`gateway.controlUi.root`).
    """
    files = UiFolder(root) if root else UiFiles(UI_DIR, instance_id=instance_id, prefix=prefix)
    before = tuple(app.router.routes)

    async def serve(request: Request) -> Response:
        path = f"/{request.path_params['path']}"
        if allowed := _other_methods(before, request):
            return _refused("Method Not Allowed", 405, Allow=", ".join(allowed))
        if _is_api(path):
            return _lost_api_client(request.method, path)
        if request.method not in {"GET", "HEAD"}:
            return _refused("Method Not Allowed", 405, Allow="GET, HEAD")
        if request.scope["root_path"] != prefix:
            return _refused(f"Not Found: the Control UI is at {prefix}/", 404)
        wants_page = accepts_html(request.headers.get("accept"))
        answer = await files.answer(path, request, wants_page=wants_page)
        return answer or _refused("Not Found", 404)

    app.router.routes.append(Route("/{path:path}", serve, methods=[*METHODS], name="control-ui"))


def accepts_html(accept: str | None) -> bool:
    """True when a client with this `Accept` header would take a page; a missing or empty header takes anything."""
    return not (accept or "").strip() or _lists(accept, {"text/html", "application/xhtml+xml", "text/*", "*/*"})


def _lists(header: str | None, wanted: set[str]) -> bool:
    """Whether an `Accept…` header names one of `wanted` without refusing it by `q=0`."""
    for item in (header or "").lower().split(","):
        name, *parameters = (part.replace(" ", "") for part in item.split(";"))
        if name in wanted and not any(re.fullmatch(r"q=0(\.0*)?", parameter) for parameter in parameters):
            return True
    return False


def _is_api(path: str) -> bool:
    if path.startswith("/.well-known/"):
        return True
    return any(path == prefix or path.startswith(prefix + "/") for prefix in API_PATHS)


def _asset_name(path: str) -> str | None:
    """The asset that `path` asks for: what follows `/assets/`, or a `/favicon.*` of the root."""
    if path.startswith("/assets/"):
        return path.removeprefix("/assets/")
    return path.removeprefix("/") if path.startswith("/favicon.") else None


def _other_methods(routes: Sequence[BaseRoute], request: Request) -> list[str]:
    """Methods with which one of `routes` would have taken this path; empty when none knows it.

    Routes are asked, not read: a router included in another does not list its methods.
    """
    scopes = {method: {**request.scope, "method": method} for method in METHODS if method != "OPTIONS"}
    return [
        method for method, scope in scopes.items() if any(route.matches(scope)[0] is Match.FULL for route in routes)
    ]


def _lost_api_client(method: str, path: str) -> Response:
    message = f"no such endpoint: {method} {path}"
    for prefix in MEANT_V1:
        if path == prefix or path.startswith(prefix + "/"):
            message += f"; did you mean /v1{path}?"
    return JSONResponse({"error": {"message": message, "type": "not_found"}}, status_code=404)


def _refused(text: str, status: int, **headers: str) -> Response:
    return PlainTextResponse(text, status, headers)


def _send(file: UiFile, request: Request) -> Response:
    compress = _lists(request.headers.get("accept-encoding"), {"gzip", "*"})
    headers = {**PAGE_HEADERS, "ETag": f'"{file.etag}-gzip"' if compress else f'"{file.etag}"'}
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if headers["ETag"] in known or known == ["*"]:
        return Response(status_code=304, headers=headers)
    if compress:
        headers["Content-Encoding"] = "gzip"
    return Response(file.compressed if compress else file.content, media_type=file.media_type, headers=headers)
