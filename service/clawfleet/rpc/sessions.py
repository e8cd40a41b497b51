"""`sessions.list`: which conversations there are. The example that other families follow. Source: protocol §12."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from clawfleet.core.clock import now_ms
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Result, StrictParams, method
from clawfleet.rpc.shapes import MOST_ROWS, SessionDefaults, SessionRow

MOST = 500


class SessionsListParams(StrictParams):
    """Which sessions: of one agent or all, `limit` from `offset`, newest first."""

    limit: int = Field(default=100, ge=1)
    offset: int = Field(default=0, ge=0, le=MOST_ROWS)
    agent_id: str | None = None
    # What clients of today send besides; it does not narrow this gateway's list.
    active_minutes: Any = None
    archived: Any = None
    board_face: Any = None
    configured_agents_only: Any = None
    creator_id: Any = None
    include_derived_titles: Any = None
    include_global: Any = None
    include_last_message: Any = None
    include_people: Any = None
    include_unknown: Any = None
    involving_me: Any = None
    involving_profile_id: Any = None
    label: Any = None
    owner_first: Any = None
    owner_id: Any = None
    require_last_interaction: Any = None
    search: Any = None
    sort_by: Any = None
    spawned_by: Any = None


class SessionsList(Result):
    """The answer of `sessions.list`."""

    ts: int
    path: str
    count: int
    total_count: int
    limit_applied: int
    has_more: bool
    next_offset: int | None = None
    defaults: SessionDefaults
    sessions: list[SessionRow]


@method("sessions.list", scope="operator.read")
async def list_sessions(call: Call, params: SessionsListParams) -> SessionsList:
    """Sessions, newest first; one-shot HTTP conversations are left out."""
    gateway, limit = call.gateway, min(params.limit, MOST)
    agent_id = gateway.roster.get(params.agent_id).id if params.agent_id else None
    rows, total = await gateway.sessions.recent(agent_id=agent_id, limit=limit, offset=params.offset)
    end = params.offset + len(rows)
    return SessionsList(
        ts=now_ms(),
        path=str(gateway.sessions.path),
        count=len(rows),
        total_count=total,
        limit_applied=limit,
        has_more=end < total,
        next_offset=end if end < total else None,
        defaults=SessionDefaults.of(gateway),
        sessions=[SessionRow.of(session, gateway) for session in rows],
    )
