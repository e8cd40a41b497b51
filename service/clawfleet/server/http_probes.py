"""Probes: is it alive, has it started, is it ready. Source: http-and-web §4."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from clawfleet.core.clock import now_ms
from clawfleet.rpc.call import Gateway
from clawfleet.rpc.health import EventLoop
from clawfleet.rpc.registry import to_wire
from clawfleet.server.http_auth import peer_of

NO_STORE = {"Cache-Control": "no-store"}


def probes(gateway: Gateway, failing: Callable[[], list[str]]) -> APIRouter:
    """The probe endpoints; `failing` names what keeps the gateway from being ready, empty when it is."""
    router = APIRouter()

    def uptime_ms() -> int:
        return now_ms() - gateway.vitals.started_at_ms

    @router.api_route("/health", methods=["GET", "HEAD"], include_in_schema=False)
    @router.api_route("/healthz", methods=["GET", "HEAD"])
    async def live() -> JSONResponse:
        """200 as long as the gateway listens."""
        return JSONResponse({"ok": True, "status": "live"}, headers=NO_STORE)

    @router.api_route("/ready", methods=["GET", "HEAD"], include_in_schema=False)
    @router.api_route("/readyz", methods=["GET", "HEAD"])
    async def ready(request: Request) -> JSONResponse:
        """200 when everything that is configured works, else 503; callers on this machine learn what does not."""
        problems = failing()
        body: dict[str, Any] = {"ready": not problems}
        if peer_of(request, gateway).is_local:
            loop = to_wire(EventLoop.of(gateway.loop.health()))
            body |= {"failing": problems, "uptimeMs": uptime_ms(), "eventLoop": loop}
        return JSONResponse(body, 503 if problems else 200, NO_STORE)

    @router.api_route("/startup", methods=["GET", "HEAD"], include_in_schema=False)
    @router.api_route("/startupz", methods=["GET", "HEAD"])
    async def started(request: Request) -> JSONResponse:
        """200 from start to stop, 503 while draining; callers on this machine learn version and uptime."""
        draining = "gateway-draining" in failing()
        body: dict[str, Any] = {"ok": not draining, "status": "draining" if draining else "started"}
        if peer_of(request, gateway).is_local:
            body |= {"version": gateway.vitals.version, "uptimeMs": uptime_ms()}
        return JSONResponse(body, 503 if draining else 200, NO_STORE)

    return router
