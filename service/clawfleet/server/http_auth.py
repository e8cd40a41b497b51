"""Who may use the HTTP endpoints: who shows the secret, with no unknown proxy in between. Source: http-and-web §3."""

from __future__ import annotations

from fastapi import Request

from clawfleet.access.gateway_auth import GatewayAuth
from clawfleet.access.locality import Peer
from clawfleet.access.origins import origin_allowed
from clawfleet.server.http_errors import HttpRefusal

PROXY_TEXT = (
    "Proxy client attribution is required. Configure gateway.trustedProxies narrowly and make the proxy overwrite or "
    "safely rebuild forwarded client headers."
)


def peer_of(request: Request) -> Peer:
    """Who sent the request. Raises 403 when a proxy forwarded it: its word about the client cannot be trusted."""
    peer = Peer(request.client.host if request.client else None, request.headers)
    if peer.is_forwarded:
        raise HttpRefusal(403, PROXY_TEXT, "proxy_attribution_required")
    return peer


def require_bearer(peer: Peer, auth: GatewayAuth) -> None:
    """Raise 401 unless the shared secret is shown; without auth, a foreign web page is still turned away."""
    if auth.mode == "none":
        origin, host = peer.headers.get("origin"), peer.headers.get("host")
        if origin is None or origin_allowed(origin, host=host, local=peer.is_local, allowed=()):
            return
    else:
        scheme, _, shown = peer.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and auth.admits(shown.strip()):
            return
    raise HttpRefusal(401, "Unauthorized", "unauthorized")
