"""`*.github.*`: whose name agents use at GitHub. Nobody's: no tool goes there."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import NoParams, Params, Result, method

Scope = Literal["system", "agent"]


class Author(Result):
    """The name under commits."""

    name: str | None = None
    email: str | None = None


class Identity(Result):
    """A name at GitHub and what it may do there: none, unless said otherwise."""

    source: str = "system-detected"
    credential_kind: str = "native"
    credential_state: str = "unavailable"
    account: dict[str, Any] | None = None
    git_author: Author = Author()
    evidence: str = "none"
    access_expires_at_ms: int | None = None
    refresh_state: str = "not_applicable"
    oauth_scopes: tuple[str, ...] = ()
    repository_grants: str = "unknown"


class Personal(Result):
    """The caller's own account: none can be connected."""

    state: str = "unavailable"
    generation: str | None = None
    account: dict[str, Any] | None = None
    access_expires_at_ms: int | None = None
    refresh_state: str = "not_applicable"
    pending: dict[str, Any] | None = None


class UserGitHubStatus(Result):
    """The answer of `users.github.status`."""

    keeps_none: ClassVar[bool] = True

    personal: Personal
    system: Identity


@method("users.github.status", scope="operator.read")
async def user_github_status(call: Call, params: NoParams) -> UserGitHubStatus:
    """Neither the caller nor the gateway has an account there."""
    return UserGitHubStatus(personal=Personal(), system=Identity())


class ToolsGitHubParams(Params):
    """Whose name: the gateway's or an agent's own."""

    agent_id: str
    selected_scope: Scope


class Selected(Result):
    """What is set for one scope."""

    scope: Scope
    configured: bool
    identity: Identity


class ToolsGitHubStatus(Result):
    """The answer of `tools.github.status`."""

    keeps_none: ClassVar[bool] = True

    agent_id: str
    selected_scope: Scope
    selected: Selected
    effective: Identity


@method("tools.github.status", scope="operator.read")
async def tools_github_status(call: Call, params: ToolsGitHubParams) -> ToolsGitHubStatus:
    """No agent has an account there."""
    agent = call.gateway.roster.get(params.agent_id)
    selected = Selected(scope=params.selected_scope, configured=False, identity=Identity())
    return ToolsGitHubStatus(
        agent_id=agent.id, selected_scope=params.selected_scope, selected=selected, effective=Identity()
    )


class SessionGitHubParams(Params):
    """Of which session."""

    session_key: str
    agent_id: str | None = None


class SessionGitHubOptions(Result):
    """The answer of `sessions.github.options`: in whose name a session could publish."""

    keeps_none: ClassVar[bool] = True

    personal: Personal
    shared: dict[str, Any] | None = None
    pending_personal: dict[str, Any] | None = None
    latest_shared: dict[str, Any] | None = None


@method("sessions.github.options", scope="operator.read")
async def session_github_options(call: Call, params: SessionGitHubParams) -> SessionGitHubOptions:
    """A session publishes in nobody's name."""
    call.gateway.roster.locate(params.session_key, params.agent_id)
    return SessionGitHubOptions(personal=Personal())
