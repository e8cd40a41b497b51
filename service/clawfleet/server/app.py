"""The front door as one ASGI app: WebSocket on every path, HTTP endpoints, the Control UI behind them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI, WebSocket
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from clawfleet.access.proxies import attribute
from clawfleet.rpc.call import Gateway
from clawfleet.server.base_path import BelowPrefix
from clawfleet.server.http_auth import PROXY_TEXT, unjudged_peer
from clawfleet.server.http_chat import chat
from clawfleet.server.http_embeddings import embeddings
from clawfleet.server.http_errors import HttpRefusal, answer_plainly, answer_refusal
from clawfleet.server.http_metrics import metrics
from clawfleet.server.http_models import models
from clawfleet.server.http_probes import probes
from clawfleet.server.http_ui import mount_ui
from clawfleet.server.http_ui_config import ui_config
from clawfleet.server.ws import Door


class FrontDoor:
    """WebSockets straight to the door, everything else to the HTTP app.

    Not a route of the app, whose layers would stand around every open socket: measured with a thousand of them, they
    took a fifth of the memory.
    """

    def __init__(self, gateway: Gateway, door: Door, http: ASGIApp) -> None:
        self._gateway = gateway
        self._door = door
        self._http = http

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or one socket."""
        if scope["type"] != "websocket":
            await self._http(scope, receive, send)
            return
        socket = WebSocket(scope, receive, send)
        peer = attribute(unjudged_peer(socket, self._gateway), self._gateway.snapshot.config.gateway)
        if peer is None:
            body = {"error": {"message": PROXY_TEXT, "type": "proxy_attribution_required"}}
            await socket.send_denial_response(JSONResponse(body, 403))
        elif not self._door.has_room(peer):
            await socket.send_denial_response(PlainTextResponse("too many unauthenticated sockets", 503))
        else:
            await self._door.serve(socket, peer)


def build_app(gateway: Gateway, door: Door, failing: Callable[[], list[str]]) -> FrontDoor:
    """The app. The order matters: the Control UI answers whatever nothing before it wanted."""
    app = FastAPI(title="Clawfleet", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(HttpRefusal, answer_refusal)
    app.add_exception_handler(HTTPException, answer_plainly)
    app.include_router(probes(gateway, failing))
    app.include_router(metrics(gateway, failing))
    app.include_router(models(gateway))
    app.include_router(chat(gateway))
    app.include_router(embeddings(gateway))

    page = gateway.snapshot.config.gateway.control_ui
    if page.enabled:
        app.include_router(ui_config(gateway))
        root = Path(page.root) if page.root else None
        mount_ui(app, instance_id=gateway.vitals.instance_id, prefix=page.prefix, root=root)
    return FrontDoor(gateway, door, BelowPrefix(app, page.prefix) if page.prefix else app)
