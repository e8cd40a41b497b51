"""`GET /v1/models`: the agents, as models of the OpenAI API. Source: http-and-web §5."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from clawfleet.rpc.call import Gateway
from clawfleet.server.chat_request import BadChatRequest, read_target
from clawfleet.server.http_auth import peer_of, require_bearer
from clawfleet.server.http_errors import HttpRefusal, bad_request


def endpoint_disabled() -> HttpRefusal:
    """404 that tells an operator apart from a wrong path how to switch the endpoints on."""
    text = "The OpenAI-compatible endpoints are disabled; set gateway.http.endpoints.chatCompletions.enabled=true"
    return HttpRefusal(404, text, "not_found", code="endpoint_disabled")


def models(gateway: Gateway) -> APIRouter:
    """The endpoints that list agents as models."""
    router = APIRouter(prefix="/v1")

    async def check(request: Request) -> None:
        peer = peer_of(request, gateway)
        if not gateway.snapshot.config.gateway.http.endpoints.chat_completions.enabled:
            raise endpoint_disabled()
        await require_bearer(peer, gateway)

    def ids() -> list[str]:
        roster = gateway.roster
        others = [agent_id for agent_id in roster.agents if agent_id != roster.default_id]
        return ["openclaw", "openclaw/default", *(f"openclaw/{agent_id}" for agent_id in (roster.default_id, *others))]

    @router.get("/models")
    @router.get("/models/", include_in_schema=False)
    async def list_models(request: Request) -> JSONResponse:
        """Every agent, the default one first."""
        await check(request)
        return JSONResponse({"object": "list", "data": [_model(name) for name in ids()]})

    @router.get("/models/{name:path}")
    async def get_model(request: Request) -> JSONResponse:
        """One agent; the name may be percent-encoded, as SDKs send it.

        It is taken from the request: a parameter would have FastAPI load all of pydantic's first version at the start.
        """
        await check(request)
        wanted = unquote(request.path_params["name"])
        try:
            agent_id = read_target(wanted)
        except BadChatRequest as error:
            raise bad_request("Invalid model id.") from error
        if agent_id is not None and agent_id not in gateway.roster.agents:
            raise HttpRefusal(404, f"Model '{wanted}' not found.", "invalid_request_error")
        return JSONResponse(_model(wanted))

    return router


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "openclaw", "permission": []}
