"""`models.snapshot`: the models that a Control UI asked for with its `connect`, right after it came in.

It knows from the challenge that it may ask so. Source: protocol §3.
"""

from __future__ import annotations

from typing import Any

from clawfleet.core.errors import GatewayError
from clawfleet.protocol.frames import event
from clawfleet.protocol.handshake import CONTROL_UI, ConnectParams
from clawfleet.rpc.call import Gateway
from clawfleet.rpc.clients import Caller
from clawfleet.server.dispatch import Dispatcher

CAPABILITY = "model-catalog-snapshot"


async def snapshot(params: ConnectParams, caller: Caller, gateway: Gateway, dispatcher: Dispatcher) -> str | None:
    """The event with the models of the session or agent asked for; None for who did not ask, or may not see them."""
    target = params.model_catalog
    if params.client.id != CONTROL_UI or CAPABILITY not in params.caps or not isinstance(target, dict):
        return None
    try:
        found = _scope(target, gateway)
        if found is None:
            return None
        scope, agent_id = found
        catalog = await dispatcher.ask("models.list", {"view": "configured", "agentId": agent_id}, caller)
    except GatewayError:
        return None
    return event("models.snapshot", {"target": target, "scope": scope, "catalog": catalog})


def _scope(target: dict[str, Any], gateway: Gateway) -> tuple[dict[str, Any], str] | None:
    """What is answered for, and its agent; None for a session by its short id, which the page looks up itself."""
    key, agent_id = target.get("sessionKey"), target.get("agentId")
    agent_id = agent_id if isinstance(agent_id, str) and agent_id else None
    if "shortId" in target:
        return None
    if isinstance(key, str) and key:
        return target, gateway.roster.locate(key, agent_id)[1]
    known = agent_id if agent_id and agent_id in gateway.roster.agents else gateway.roster.default_id
    return {"agentId": known}, known
