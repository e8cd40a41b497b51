"""The answer to `connect`: who may come in, with which scopes, from which snapshot. Source: protocol §4, §6."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clawfleet.access.credentials import Credentials
from clawfleet.access.device_tokens import Issued
from clawfleet.access.gate import Admitted, Gate
from clawfleet.access.locality import Peer
from clawfleet.access.refusals import Identity
from clawfleet.access.tailscale import Whois
from clawfleet.core.clock import now_ms
from clawfleet.protocol.handshake import Connect
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


def gate_of(gateway: Gateway) -> Gate:
    """The gate of a gateway, which asks its parts and its config as they are at that moment."""
    vitals, instance = gateway.vitals, gateway.instance
    command = f"openclaw --profile {instance.profile}" if instance.profile else "openclaw"
    return Gate(
        Credentials(
            auth=gateway.auth,
            devices=gateway.devices,
            failures=gateway.failures,
            config=lambda: gateway.snapshot.config.gateway,
            whois=Whois(lambda: gateway.instance.environ),
        ),
        Identity(vitals.instance_id, vitals.port, vitals.pid, instance.state_dir.name, command),
        lambda: frozenset(caller.device_id for caller in gateway.clients.callers() if caller.device_id),
    )


def caller_of(connect: Connect, admitted: Admitted, conn_id: str, peer: Peer) -> Caller:
    """The client that was let in, as methods see it."""
    params = connect.params
    return Caller(
        conn_id,
        params.client,
        admitted.scopes,
        peer.is_local,
        role="node" if admitted.role == "node" else "operator",
        caps=params.caps,
        address=peer.client,
        device_id=admitted.device_id,
        auth_method=admitted.method,
    )


def auth_shape(caller: Caller, token: Issued | None) -> dict[str, Any]:
    """What `hello-ok` says of who the client is; a device learns its token, which it may come in with next time."""
    shape: dict[str, Any] = {"method": caller.auth_method, "role": caller.role, "scopes": list(caller.scopes)}
    return shape if token is None else shape | {"deviceToken": token.value, "issuedAtMs": token.issued_at_ms}


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
            "authMode": gateway.auth.mode,
        }
    return {
        "type": "hello-ok",
        "protocol": connect.protocol,
        "server": {"version": vitals.version, "bootId": vitals.boot_id, "connId": caller.conn_id},
        "features": {"methods": methods, "events": list(EVENTS), "capabilities": list(CAPABILITIES)},
        "snapshot": snapshot,
        "auth": auth_shape(caller, None),
        "policy": {
            "maxPayload": MAX_FRAME,
            "maxBufferedBytes": MAX_BUFFERED,
            "tickIntervalMs": TICK_INTERVAL_MS,
            "attachments": {"maxBytes": MAX_ATTACHMENT, "maxImageBytes": MAX_IMAGE},
        },
    }
