"""Who may spawn whom, and as what: the limits and choices of a subagent before it begins. Decides only."""

from __future__ import annotations

from dataclasses import dataclass

from clawfleet.config.models.agents import Agents
from clawfleet.config.models.subagents import SubagentSettings
from clawfleet.core.errors import GatewayError
from clawfleet.models.catalog import Catalog
from clawfleet.models.thinking import checked
from clawfleet.routing.roster import Roster
from clawfleet.sandbox.spec import Tenant, is_sandboxed, settings_for
from clawfleet.sessions.model import Session
from clawfleet.tools.conversations.failures import SpawnRefused
from clawfleet.tools.desk import Assignment


@dataclass(frozen=True, slots=True)
class Wish:
    """What an order comes to. `timeout_s` None: the limit of every run."""

    agent_id: str
    model: str | None
    thinking: str | None
    timeout_s: float | None


@dataclass(frozen=True, slots=True)
class Scope:
    """Config, models and roster of the moment."""

    agents: Agents
    catalog: Catalog
    roster: Roster

    def settings(self, agent_id: str) -> SubagentSettings:
        """What holds for sessions of an agent."""
        return subagent_settings(self.agents, agent_id)

    def targets(self, agent_id: str) -> tuple[str, ...]:
        """The agents that an agent may spawn, itself unless a list leaves it out."""
        allowed = self.settings(agent_id).allow_agents
        if allowed is None:
            return (agent_id,)
        names = {each.strip().lower() for each in allowed}
        return (
            tuple(self.roster.agents) if "*" in names else tuple(each for each in self.roster.agents if each in names)
        )


def subagent_settings(agents: Agents, agent_id: str) -> SubagentSettings:
    """What holds for sessions of an agent: its own keys over the defaults."""
    entry = agents.entries.get(agent_id)
    own = entry.subagents if entry else None
    named = {name: value for name in own.model_fields_set if (value := getattr(own, name)) is not None} if own else {}
    return agents.defaults.subagents.model_copy(update=named)


def refuse(order: Assignment, scope: Scope, *, depth: int, active: int) -> None:
    """Raise `SpawnRefused` when `order` goes beyond a limit. `depth` is that of the asking session."""
    settings = scope.settings(order.by_agent)
    if depth >= settings.max_spawn_depth:
        raise SpawnRefused(
            f"sessions_spawn is not allowed at this depth (current depth: {depth}, max: {settings.max_spawn_depth}; "
            "agents.defaults.subagents.maxSpawnDepth)."
        )
    if active >= settings.max_children_per_agent:
        raise SpawnRefused(
            f"sessions_spawn has reached max active children for this session ({active}/"
            f"{settings.max_children_per_agent}; agents.defaults.subagents.maxChildrenPerAgent)."
        )
    allowed = scope.targets(order.by_agent)
    if order.agent_id is None and settings.require_agent_id:
        raise SpawnRefused(f"sessions_spawn needs an agentId (allowed: {', '.join(allowed) or 'none'})")
    target = (order.agent_id or order.by_agent).strip().lower()
    if target not in allowed:
        raise SpawnRefused(
            f"agentId is not allowed for sessions_spawn (allowed: {', '.join(allowed) or 'none'})", role=target
        )
    if order.forks and target != order.by_agent:
        raise SpawnRefused(f'sessions_spawn context="fork" needs the same agent, not {target}.')
    _refuse_outside(order, scope, target)


def _refuse_outside(order: Assignment, scope: Scope, target: str) -> None:
    """A sandbox is not left by spawning, and one that is asked for must be there."""
    child = Tenant(target, f"agent:{target}:subagent:new")
    inside = is_sandboxed(settings_for(scope.agents, target).mode, child)
    by_inside = is_sandboxed(settings_for(scope.agents, order.by_agent).mode, Tenant(order.by_agent, order.by_key))
    if order.needs_sandbox and not inside:
        raise SpawnRefused(
            f'sessions_spawn sandbox="require" needs a sandboxed target runtime. Agent {target} runs on the host; '
            "see agents.defaults.sandbox.mode."
        )
    if by_inside and not inside:
        raise SpawnRefused(f"a sandboxed session cannot spawn the agent {target}, whose tools run on the host.")


def resolve(order: Assignment, scope: Scope, by: Session | None) -> Wish:
    """Agent, model, thinking level and limit of an order that was not refused. Raises `SpawnRefused`."""
    agent_id = (order.agent_id or order.by_agent).strip().lower()
    own, asking = scope.settings(agent_id), scope.settings(order.by_agent)
    same = agent_id == order.by_agent
    wanted = order.model or own.model or (by.choices.model if by and same else None)
    model: str | None = None
    if wanted:
        try:
            model = scope.catalog.choose(wanted, agent_id)
        except GatewayError as error:
            raise SpawnRefused(f'sessions_spawn model "{wanted}" is not usable: {error.message}', "error") from None
    ref = scope.catalog.resolve(model, agent_id) if model else scope.catalog.default(agent_id)
    level = order.thinking or own.thinking
    if level:
        try:
            level = checked(level, scope.catalog.row(ref))
        except GatewayError as error:
            raise SpawnRefused(f"sessions_spawn: {error.message}", "error") from None
    elif by is not None and same:
        level = by.choices.thinking
    seconds = asking.run_timeout_seconds if order.timeout_s is None else order.timeout_s
    return Wish(agent_id, model, level, float(seconds) or None)
