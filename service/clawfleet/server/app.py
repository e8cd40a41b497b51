"""The whole front door as one ASGI app: WebSocket on every path, HTTP endpoints, the Control UI behind them."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI, WebSocket
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse

from clawfleet.access.locality import Peer
from clawfleet.access.proxies import attribute
from clawfleet.rpc.call import Gateway
from clawfleet.server.http_auth import PROXY_TEXT
from clawfleet.server.http_chat import chat
from clawfleet.server.http_errors import HttpRefusal, answer_plainly, answer_refusal
from clawfleet.server.http_models import models
from clawfleet.server.http_probes import probes
from clawfleet.server.http_ui import mount_ui
from clawfleet.server.ws import Door


def build_app(gateway: Gateway, door: Door, failing: Callable[[], list[str]]) -> FastAPI:
    """The app. The order matters: the Control UI answers whatever nothing before it wanted."""
    app = FastAPI(title="Clawfleet", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(HttpRefusal, answer_refusal)
    app.add_exception_handler(HTTPException, answer_plainly)
    app.include_router(probes(gateway, failing))
    app.include_router(models(gateway))
    app.include_router(chat(gateway))

    @app.websocket("/{path:path}")
    async def socket(socket: WebSocket, path: str) -> None:
        shown = Peer(socket.client.host if socket.client else None, socket.headers)
        peer = attribute(shown, gateway.snapshot.config.gateway)
        if peer is None:
            body = {"error": {"message": PROXY_TEXT, "type": "proxy_attribution_required"}}
            await socket.send_denial_response(JSONResponse(body, 403))
        elif not door.has_room(peer):
            await socket.send_denial_response(PlainTextResponse("too many unauthenticated sockets", 503))
        else:
            await door.serve(socket, peer)

    if gateway.snapshot.config.gateway.control_ui.enabled:
        mount_ui(app, instance_id=gateway.vitals.instance_id)
    return app
