"""`sessions.messages.*`: word of every message of one session, as it is kept. Source: protocol §10, §12."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from clawfleet.core.clock import now_ms
from clawfleet.core.errors import RequestError
from clawfleet.protocol.scopes import APPROVALS, grants
from clawfleet.rpc.approval_shapes import snapshot
from clawfleet.rpc.call import Call
from clawfleet.rpc.clients import MAX_WATCHED
from clawfleet.rpc.registry import Params, Result, method


class TooManyWatched(RequestError):
    """A client watches as many sessions as it may."""

    code = "TOO_MANY_SUBSCRIPTIONS"

    def __init__(self) -> None:
        super().__init__(
            f"a client may watch {MAX_WATCHED} sessions", hint="sessions.messages.unsubscribe from one first"
        )


class WatchParams(Params):
    """Which session. With `include_approvals` the answer has those that wait for a decision."""

    key: str = Field(min_length=1)
    agent_id: str | None = None
    include_approvals: bool = False


class ApprovalReplay(Result):
    """Approvals of a session that wait for somebody."""

    session_key: str
    updated_at_ms: int
    approvals: list[dict[str, Any]]
    truncated: bool = False


class Watching(Result):
    """Whether `session.message` of that session comes from now on."""

    subscribed: bool
    key: str
    approval_replay: ApprovalReplay | None = None


@method("sessions.messages.subscribe", scope="operator.read")
async def subscribe(call: Call, params: WatchParams) -> Watching:
    """Send this client `session.message` for every message of a session."""
    key, _ = call.gateway.roster.locate(params.key, params.agent_id)
    watched = call.caller.state.watched_messages
    if key not in watched and len(watched) >= MAX_WATCHED:
        raise TooManyWatched
    watched.add(key)
    may_see = params.include_approvals and grants(call.caller.scopes, APPROVALS)
    return Watching(subscribed=True, key=key, approval_replay=_waiting(call, key) if may_see else None)


def _waiting(call: Call, key: str) -> ApprovalReplay:
    pending = call.gateway.toolbox.approvals.pending()
    asked = [snapshot(approval) for approval in pending if approval.asked.session_key == key]
    return ApprovalReplay(session_key=key, updated_at_ms=now_ms(), approvals=asked)


@method("sessions.messages.unsubscribe", scope="operator.read")
async def unsubscribe(call: Call, params: WatchParams) -> Watching:
    """Send this client no `session.message` of a session any more."""
    key, _ = call.gateway.roster.locate(params.key, params.agent_id)
    call.caller.state.watched_messages.discard(key)
    return Watching(subscribed=False, key=key)
