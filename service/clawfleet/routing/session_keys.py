"""Under which key a conversation is kept: `agent:<agentId>:<rest>`.

Ids are lower-cased in keys and nowhere else; whoever sends keeps the raw id. Source: channels §2.8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from clawfleet.config.models.session import DmScope
from clawfleet.routing.roster import MAIN_KEY


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a message came from. `peer_id` is the sender in a direct chat, else the group or room."""

    channel: str
    account: str
    chat_type: Literal["direct", "group", "channel"]
    peer_id: str
    thread_id: str | None = None


def session_key(agent_id: str, origin: Origin, dm_scope: DmScope = "main") -> str:
    """The key of the session that a message of `origin` belongs to when `agent_id` answers it."""
    if origin.chat_type == "direct":
        return _join(agent_id, *_direct(origin, dm_scope))
    rest = [origin.channel, origin.chat_type, origin.peer_id]
    if origin.thread_id is not None and origin.channel == "telegram":
        rest += ["topic", origin.thread_id]
    return _join(agent_id, *rest)


def _direct(origin: Origin, dm_scope: DmScope) -> list[str]:
    match dm_scope:
        case "main":
            return [MAIN_KEY]
        case "per-peer":
            return ["direct", origin.peer_id]
        case "per-channel-peer":
            return [origin.channel, "direct", origin.peer_id]
        case "per-account-channel-peer":
            return [origin.channel, origin.account, "direct", origin.peer_id]


def _join(agent_id: str, *rest: str) -> str:
    return ":".join(["agent", agent_id, *rest]).lower()
