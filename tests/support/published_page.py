"""The published Control UI, served from its npm package: its files as they are, the app for every other path."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.fakes.serving import in_thread
from tests.support.npm import installed

PROGRAM = "openclaw@2026.9.6"
CONFIG: dict[str, Any] = {
    "basePath": "",
    "assistantName": "Main",
    "assistantAvatar": "M",
    "assistantAgentId": "main",
    "serverVersion": "2026.9.6",
    "embedSandbox": "scripts",
    "terminalEnabled": False,
    "pluginFrameGrants": [],
}


def folder() -> Path:
    """Where the package keeps the page."""
    return installed(PROGRAM) / "node_modules" / "openclaw" / "dist" / "control-ui"


def app_of(place: Path) -> web.Application:
    """An app that serves the page; its addresses are relative, so `/settings/assets/x` is `/assets/x`."""

    async def configuration(request: web.Request) -> web.StreamResponse:
        return web.json_response(CONFIG)

    async def absent(request: web.Request) -> web.StreamResponse:
        return web.json_response({}, status=404)

    async def page(request: web.Request) -> web.StreamResponse:
        words = request.path.split("/")[1:]
        tails = (place.joinpath(*words[start:]) for start in range(len(words)) if words[start])
        return web.FileResponse(next((file for file in tails if file.is_file()), place / "index.html"))

    app = web.Application()
    app.router.add_get("/control-ui-config.json", configuration)
    app.router.add_get("/api/{rest:.*}", absent)
    app.router.add_get("/__openclaw__/{rest:.*}", absent)
    app.router.add_get("/{rest:.*}", page)
    return app


@contextmanager
def published_page() -> Iterator[str]:
    """`http://127.0.0.1:<port>`, where the page is."""
    place = folder()
    with in_thread(lambda: app_of(place)) as url:
        yield url
