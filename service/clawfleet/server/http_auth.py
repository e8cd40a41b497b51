"""Who may use the HTTP endpoints: who shows the secret, or for whom the proxy vouches. Source: http-and-web §3."""

from __future__ import annotations

import asyncio

from fastapi import Request
from starlette.requests import HTTPConnection

from clawfleet.access.locality import Peer, is_own_address
from clawfleet.access.origins import origin_allowed
from clawfleet.access.proxies import SCOPES_HEADER, attribute, vouched
from clawfleet.protocol.scopes import WRITE, grants
from clawfleet.rpc.call import Gateway
from clawfleet.server.http_errors import HttpRefusal

PROXY_TEXT = (
    "Proxy client attribution is required. Configure gateway.trustedProxies narrowly and make the proxy overwrite or "
    "safely rebuild forwarded client headers."
)


def unjudged_peer(connection: HTTPConnection, gateway: Gateway) -> Peer:
    """The other end as socket and headers show it, no proxy's word judged yet, and by which listener it came in."""
    ingress, listener = gateway.ingress, connection.scope.get("server")
    came_by = ingress.mode if ingress is not None and listener and listener[1] == ingress.port else None
    address = connection.client.host if connection.client else None
    return Peer(address, connection.headers, ingress=came_by)


def peer_of(request: Request, gateway: Gateway) -> Peer:
    """Who sent the request. Raises 403 when a proxy forwarded it whose word about the client does not count."""
    peer = attribute(unjudged_peer(request, gateway), gateway.snapshot.config.gateway)
    if peer is None:
        raise HttpRefusal(403, PROXY_TEXT, "proxy_attribution_required")
    return peer


async def require_bearer(peer: Peer, gateway: Gateway, scope: str = WRITE, *, devices: bool = False) -> None:
    """Return for who may use the endpoints. Raises 401, 429 after too many wrong secrets, 403 for too little scope.

    With `devices` the token of a paired device will do too.
    Without auth, and behind a proxy, a foreign web page is turned away: a browser would send it in unasked.
    """
    auth, config = gateway.auth, gateway.snapshot.config.gateway
    knows_user = auth.mode == "trusted-proxy" and vouched(peer, config, is_own_address).user is not None
    if auth.mode == "none" or knows_user:
        if not _is_own_page(peer, config.control_ui.allowed_origins):
            raise HttpRefusal(401, "Unauthorized", "unauthorized")
        _require(scope, peer)
        return
    scheme, _, shown = peer.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and shown.strip():
        if devices and await gateway.devices.bearer(shown.strip()) is not None:
            return
        await _check_secret(peer, gateway, shown.strip())
        return
    raise HttpRefusal(401, "Unauthorized", "unauthorized")


async def _check_secret(peer: Peer, gateway: Gateway, shown: str) -> None:
    auth, failures = gateway.auth, gateway.failures
    wait_ms = failures.wait_ms(peer, "shared-secret")
    if wait_ms is not None:
        text = "Too many failed authentication attempts. Please try again later."
        raise HttpRefusal(429, text, "rate_limited", Retry_After=str(-(-wait_ms // 1000)))
    if auth.admits(shown) and (auth.mode != "trusted-proxy" or peer.is_local):
        failures.forget(peer, "shared-secret")
        return
    await asyncio.sleep(failures.add(peer, "shared-secret") / 1000)
    raise HttpRefusal(401, "Unauthorized", "unauthorized")


def _is_own_page(peer: Peer, allowed: tuple[str, ...]) -> bool:
    origin = peer.headers.get("origin")
    return origin is None or origin_allowed(origin, host=peer.headers.get("host"), local=peer.is_local, allowed=allowed)


def _require(scope: str, peer: Peer) -> None:
    """Hold the caller to the scopes that the proxy leaves it."""
    if SCOPES_HEADER not in peer.headers:
        return
    held = [scope.strip() for scope in peer.headers[SCOPES_HEADER].replace(" ", ",").split(",")]
    if not grants(held, scope):
        refusal = HttpRefusal(403, f"missing scope: {scope}", "forbidden")
        details = {"code": "MISSING_SCOPE", "missingScope": scope, "requiredScopes": [scope]}
        refusal.body = {"ok": False, "error": {**refusal.body["error"], "details": details}}
        raise refusal
