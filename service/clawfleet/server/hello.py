"""The answer to `connect`: who may come in, with which scopes, from which snapshot. Source: protocol §4, §6."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clawfleet.access.gateway_auth import GatewayAuth
from clawfleet.access.locality import Peer
from clawfleet.access.origins import origin_allowed
from clawfleet.core.clock import now_ms
from clawfleet.protocol.handshake import CONTROL_UI, Connect, Refused
from clawfleet.protocol.limits import MAX_BUFFERED, MAX_FRAME, TICK_INTERVAL_MS
from clawfleet.protocol.scopes import ADMIN, READ, grants
from clawfleet.rpc.call import Gateway
from clawfleet.rpc.clients import Caller
from clawfleet.rpc.health import health_of
from clawfleet.rpc.registry import to_wire
from clawfleet.rpc.system import PresenceEntry
from clawfleet.server.broadcast import EVENTS

CAPABILITIES = ("published-model-catalog",)
MAX_ATTACHMENT = 19_464_192
MAX_IMAGE = 6_291_456


def admit(connect: Connect, conn_id: str, peer: Peer, auth: GatewayAuth, gateway: Gateway) -> Caller | Refused:
    """Who this is and what it may do, or why it is turned away: origin first, then the credential.

    Who shows nothing at all is asked for a device: that answer is how real clients see that a gateway is alive.
    Scopes are kept for callers on this machine; a remote one that shows no device connects without any.
    """
    params = connect.params
    if (refused := _check_origin(connect, peer, gateway)) is not None:
        return refused
    if (denied := auth.check(params.auth, params.client, local=peer.is_local)) is not None:
        if params.device is None and not params.auth.is_any and params.client.id != CONTROL_UI:
            details = {"code": "DEVICE_IDENTITY_REQUIRED"}
            return Refused(1008, "device identity required", connect.request_id, "NOT_PAIRED", details)
        return Refused(1008, denied.message, connect.request_id, details=denied.details)
    keeps = peer.is_local and params.client.mode != "probe"
    return Caller(
        conn_id,
        params.client,
        params.scopes if keeps else (),
        peer.is_local,
        caps=params.caps,
        address=peer.address,
        auth_method=auth.mode,
    )


def _check_origin(connect: Connect, peer: Peer, gateway: Gateway) -> Refused | None:
    origin = peer.headers.get("origin")
    if origin is None and connect.params.client.id != CONTROL_UI:
        return None
    allowed = gateway.snapshot.config.gateway.control_ui.allowed_origins
    if origin is not None and origin_allowed(
        origin, host=peer.headers.get("host"), local=peer.is_local, allowed=allowed
    ):
        return None
    reason = "origin missing or invalid" if origin in (None, "null") else "origin not allowed"
    return Refused(
        1008,
        "origin not allowed (open the Control UI from the gateway host "
        "or allow it in gateway.controlUi.allowedOrigins)",
        connect.request_id,
        details={"code": "CONTROL_UI_ORIGIN_NOT_ALLOWED", "reason": reason},
    )


async def hello_ok(
    gateway: Gateway, caller: Caller, connect: Connect, methods: list[str], versions: Mapping[str, int]
) -> dict[str, Any]:
    """The payload of `hello-ok`. What needs a scope is left out for those who lack it."""
    vitals, presence = gateway.vitals, gateway.presence
    reads = grants(caller.scopes, READ)
    snapshot: dict[str, Any] = {
        "presence": [to_wire(PresenceEntry.of(row)) for row in presence.rows()] if reads else [],
        "health": to_wire(await health_of(gateway)) if reads else {},
        "stateVersion": dict(versions),
        "uptimeMs": now_ms() - vitals.started_at_ms,
        "appliedConfigHash": gateway.applied_hash,
        "sessionDefaults": {
            "defaultAgentId": gateway.roster.default_id,
            "modelConfigured": True,
            "ownership": "sole" if len(gateway.roster.agents) == 1 else "explicit",
            "selectionRequired": False,
            "mainKey": "main",
            "mainSessionKey": gateway.roster.main_key(),
            "scope": "per-sender",
        },
    }
    if grants(caller.scopes, ADMIN):
        snapshot |= {
            "configPath": str(gateway.instance.config_path),
            "stateDir": str(gateway.instance.state_dir),
            "authMode": vitals.auth_mode,
        }
    return {
        "type": "hello-ok",
        "protocol": connect.protocol,
        "server": {"version": vitals.version, "bootId": vitals.boot_id, "connId": caller.conn_id},
        "features": {"methods": methods, "events": list(EVENTS), "capabilities": list(CAPABILITIES)},
        "snapshot": snapshot,
        "auth": {"method": caller.auth_method, "role": caller.role, "scopes": list(caller.scopes)},
        "policy": {
            "maxPayload": MAX_FRAME,
            "maxBufferedBytes": MAX_BUFFERED,
            "tickIntervalMs": TICK_INTERVAL_MS,
            "attachments": {"maxBytes": MAX_ATTACHMENT, "maxImageBytes": MAX_IMAGE},
        },
    }
