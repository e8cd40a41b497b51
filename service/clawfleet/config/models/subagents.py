"""`subagents` of agents: who may spawn whom, how deep and how many. Source: tools-and-sessions §10."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from clawfleet.config.models.base import Flag, Section, Text, Whole

Depth = Annotated[Whole, Field(ge=1, le=5)]
Children = Annotated[Whole, Field(ge=1, le=20)]
RunSeconds = Annotated[Whole, Field(ge=0)]


class SubagentSettings(Section):
    """How agents have others work for them."""

    allow_agents: tuple[Text, ...] | None = Field(
        None, description="Agents that may be spawned; `*` is any. Unset: the agent itself."
    )
    model: Text | None = Field(None, description="Model of subagents. Unset: that of whoever spawns.")
    thinking: Text | None = Field(None, description="Thinking level of subagents. Unset: that of whoever spawns.")
    max_concurrent: Annotated[Whole, Field(ge=1)] = Field(8, description="Most that work at once in the gateway.")
    max_children_per_agent: Children = Field(5, description="Most that work at once for one session.")
    max_spawn_depth: Depth = Field(1, description="Generations: 1 means that subagents spawn none.")
    run_timeout_seconds: RunSeconds = Field(0, description="Longest run of a subagent; 0 is no limit of its own.")
    archive_after_minutes: RunSeconds = Field(60, description="When a finished one's session is put away; 0 never.")
    require_agent_id: Flag = Field(False, description="Refuse to spawn without a named agent.")


class AgentSubagents(Section):
    """What one agent has other than the defaults."""

    allow_agents: tuple[Text, ...] | None = Field(None, description="Agents that this one may spawn.")
    model: Text | None = Field(None, description="Model of this agent when it is spawned.")
    thinking: Text | None = Field(None, description="Thinking level of this agent when it is spawned.")
    max_children_per_agent: Children | None = Field(None, description="Most that work at once for one session of it.")
    max_spawn_depth: Depth | None = Field(None, description="Generations below its sessions.")
    run_timeout_seconds: RunSeconds | None = Field(None, description="Longest run of what it spawns.")
    require_agent_id: Flag | None = Field(None, description="Refuse to spawn without a named agent.")
