"""`sessions.list` and `sessions.subscribe`: which conversations there are, and word of what becomes of them.

The example that other families follow. Source: protocol §12, §14.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from clawfleet.core.clock import now_ms
from clawfleet.rpc.call import Call, Gateway
from clawfleet.rpc.registry import NoParams, Result, StrictParams, method
from clawfleet.rpc.shapes import MOST_ROWS, SessionDefaults, SessionRow
from clawfleet.sessions.lists import SortBy, Wanted
from clawfleet.sessions.model import Session

MOST = 500
MINUTE_MS = 60_000


class SessionsListParams(StrictParams):
    """Which sessions: `limit` from `offset`, newest first. Without `archived` those that are not archived."""

    limit: int = Field(default=100, ge=1)
    offset: int = Field(default=0, ge=0, le=MOST_ROWS)
    agent_id: str | None = None
    configured_agents_only: bool = False
    archived: bool | Literal["all"] = False
    label: str | None = Field(default=None, min_length=1, max_length=512)
    search: str | None = None
    spawned_by: str | None = Field(default=None, min_length=1)
    active_minutes: int | None = Field(default=None, ge=1)
    require_last_interaction: bool = False
    sort_by: SortBy = "updatedAt"
    include_derived_titles: bool = False
    include_last_message: bool = False
    # Boards and other people's sessions are what this gateway does not have: who asks for them alone gets none.
    board_face: Literal["chat", "dashboard"] | None = None
    has_board: bool | None = None
    creator_id: str | None = None
    owner_id: str | None = None
    exclude_subagents: bool = False
    # Everything here is the one owner's and none is global or unknown, so these take nothing away.
    include_global: bool = True
    include_unknown: bool = True
    include_people: bool = False
    include_activity_summary: bool = False
    involving_me: bool = False
    involving_profile_id: str | None = None
    owner_first: bool = False


class SessionsList(Result):
    """The answer of `sessions.list`."""

    ts: int
    path: str
    count: int
    total_count: int
    limit_applied: int
    has_more: bool
    next_offset: int | None = None
    owners: tuple[str, ...] = ()
    defaults: SessionDefaults
    sessions: list[SessionRow]


@method("sessions.list", scope="operator.read")
async def list_sessions(call: Call, params: SessionsListParams) -> SessionsList:
    """Sessions, newest first; one-shot HTTP conversations are left out."""
    gateway, limit = call.gateway, min(params.limit, MOST)
    if params.has_board or params.board_face == "dashboard" or params.creator_id or params.owner_id:
        wanted = Wanted(agent_ids=())
    else:
        wanted = _wanted(params, gateway)
    found, total, children = await gateway.sessions.listed(wanted, limit=limit, offset=params.offset)
    end = params.offset + len(found)
    return SessionsList(
        ts=now_ms(),
        path=str(gateway.sessions.path),
        count=len(found),
        total_count=total,
        limit_applied=limit,
        has_more=end < total,
        next_offset=end if end < total else None,
        defaults=SessionDefaults.of(gateway),
        sessions=[_row(session, params, gateway, children.get(session.key, [])) for session in found],
    )


def _wanted(params: SessionsListParams, gateway: Gateway) -> Wanted:
    roster = gateway.roster
    agent_ids = tuple(roster.agents) if params.configured_agents_only else None
    if params.agent_id:
        agent_ids = (roster.get(params.agent_id).id,)
    parent = roster.locate(params.spawned_by)[0] if params.spawned_by else None
    return Wanted(
        agent_ids=agent_ids,
        archived=None if params.archived == "all" else params.archived,
        label=params.label,
        search=params.search,
        parent_key=parent,
        since_ms=now_ms() - params.active_minutes * MINUTE_MS if params.active_minutes else None,
        asked=params.require_last_interaction,
        without_subagents=params.exclude_subagents,
        sort_by=params.sort_by,
    )


def _row(session: Session, params: SessionsListParams, gateway: Gateway, children: list[str]) -> SessionRow:
    row = SessionRow.of(session, gateway, children)
    left_out: dict[str, None] = {}
    if not params.include_derived_titles:
        left_out["derived_title"] = None
    if not params.include_last_message:
        left_out["last_message_preview"] = None
    return row.model_copy(update=left_out) if left_out else row


class Subscribed(Result):
    """Whether `sessions.changed` comes from now on; `list` is there when parameters asked for one."""

    subscribed: bool
    list: SessionsList | None = None


@method("sessions.subscribe", scope="operator.read")
async def subscribe(call: Call, params: SessionsListParams) -> Subscribed:
    """Send this client `sessions.changed`. With parameters of `sessions.list` the list comes along."""
    call.caller.state.watches_sessions = True
    return Subscribed(subscribed=True, list=await list_sessions(call, params) if params.model_fields_set else None)


@method("sessions.unsubscribe", scope="operator.read", advertised=False)
async def unsubscribe(call: Call, params: NoParams) -> Subscribed:
    """Send this client no `sessions.changed` any more."""
    call.caller.state.watches_sessions = False
    return Subscribed(subscribed=False)
