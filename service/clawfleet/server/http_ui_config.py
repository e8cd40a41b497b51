"""`GET /control-ui-config.json`: what the original's Control UI asks of its host before it connects.

Our own page needs none of it; the published one does, where a proxy serves its files and leaves the rest to this
gateway. Source: protocol §16, http-and-web §13.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from clawfleet import __version__
from clawfleet.rpc.call import Gateway
from clawfleet.server.http_auth import peer_of, require_bearer

PATH = "/control-ui-config.json"


def ui_config(gateway: Gateway) -> APIRouter:
    """The endpoint, for who shows the gateway's secret or the token of a device."""
    router = APIRouter()

    @router.get(PATH)
    async def read(request: Request) -> JSONResponse:
        """Who answers by default, and what this gateway has of the page's extras."""
        await require_bearer(peer_of(request, gateway), gateway, devices=True)
        from clawfleet.rpc.agents import Identity  # a family of methods is loaded when it is first called

        shown = Identity.of(gateway.roster.get(None))
        body = {
            "basePath": gateway.snapshot.config.gateway.control_ui.prefix,
            "assistantName": shown.name,
            "assistantAvatar": shown.avatar,
            "assistantAgentId": shown.agent_id,
            "serverVersion": __version__,
            "embedSandbox": "scripts",
            "terminalEnabled": False,
            "pluginFrameGrants": [],
        }
        return JSONResponse(body, headers={"Cache-Control": "no-store"})

    return router
