"""What clients ask about a session that this gateway has none of, and says so. Source: protocol §14."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import NoParams, Params, Result, method


class OneSessionParams(Params):
    """Which session."""

    session_key: str = Field(min_length=1)
    agent_id: str | None = None


class Groups(Result):
    """Groups of sessions that somebody made."""

    groups: tuple[dict[str, Any], ...] = ()
    section_order: tuple[str, ...] = ()


@method("sessions.groups.list", scope="operator.read")
async def list_groups(call: Call, params: NoParams) -> Groups:
    """The groups of sessions: none can be made here; a session's own `category` is in its row."""
    return Groups()


class GroupDefaults(Result):
    """What new sessions of a group begin with."""

    defaults: tuple[dict[str, Any], ...] = ()


@method("sessions.groups.defaults", scope="operator.write")
async def group_defaults(call: Call, params: NoParams) -> GroupDefaults:
    """What new sessions of each group begin with: there are no groups."""
    return GroupDefaults()


class Catalogs(Result):
    """Other programs whose conversations could be carried on here."""

    catalogs: tuple[dict[str, Any], ...] = ()


@method("sessions.catalog.list", scope="operator.read")
async def list_catalogs(call: Call, params: NoParams) -> Catalogs:
    """Other programs whose conversations could be carried on: none."""
    return Catalogs()


class Companion(Result):
    """What was asked about a session beside it."""

    exchanges: tuple[dict[str, Any], ...] = ()


@method("sessions.companion.state", scope="operator.read")
async def companion(call: Call, params: OneSessionParams) -> Companion:
    """What was asked about a session beside it: nothing, as nobody can be asked there."""
    return Companion()


class Discussion(Result):
    """A discussion beside a session."""

    state: str = "none"


@method("session.discussion.info", scope="operator.read")
async def discussion(call: Call, params: OneSessionParams) -> Discussion:
    """The discussion beside a session: there is none."""
    return Discussion()


class Members(Result):
    """Who takes part in a session."""

    session_key: str
    members: tuple[dict[str, Any], ...] = ()
    identities: tuple[dict[str, Any], ...] = ()
    role: str = "admin"
    allowed_visibilities: tuple[str, ...] = ("shared",)


@method("session.members.listEvidence", scope="operator.read")
async def members(call: Call, params: OneSessionParams) -> Members:
    """The people of a session: all clients act for the one owner, who is not listed."""
    return Members(session_key=call.gateway.roster.locate(params.session_key, params.agent_id)[0])
