"""Who may use the HTTP endpoints: who shows the secret, with no unknown proxy in between. Source: http-and-web §3."""

from __future__ import annotations

from collections.abc import Mapping

from clawfleet.access.gateway_auth import GatewayAuth
from clawfleet.access.locality import is_forwarded, is_local
from clawfleet.access.origins import origin_allowed
from clawfleet.server.http_errors import HttpRefusal

PROXY_TEXT = (
    "Proxy client attribution is required. Configure gateway.trustedProxies narrowly and make the proxy overwrite or "
    "safely rebuild forwarded client headers."
)


def refuse_unknown_proxy(headers: Mapping[str, str]) -> None:
    """Raise 403 when a proxy forwarded the request: its word about the client cannot be trusted."""
    if is_forwarded(headers):
        raise HttpRefusal(403, PROXY_TEXT, "proxy_attribution_required")


def require_bearer(headers: Mapping[str, str], peer: str | None, auth: GatewayAuth) -> None:
    """Raise 401 unless the shared secret is shown; without auth, a foreign web page is still turned away."""
    if auth.mode == "none":
        origin = headers.get("origin")
        local = is_local(peer, headers)
        if origin is None or origin_allowed(origin, host=headers.get("host"), local=local, allowed=()):
            return
    else:
        scheme, _, shown = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and auth.admits(shown.strip()):
            return
    raise HttpRefusal(401, "Unauthorized", "unauthorized")
