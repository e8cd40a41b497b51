"""`agents.create`, `agents.update`, `agents.delete`: the roster changes in the config and in the running gateway.

Source: protocol §12.
"""

from __future__ import annotations

import asyncio
from typing import Literal

from pydantic import Field

from clawfleet.agents.roster import Settings, add_agent, change_agent, remove_agent
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method


class AgentsCreateParams(Params):
    """A new agent. Its id is made of its name; without a `workspace` it gets one beside the default agent's."""

    name: str = Field(min_length=1)
    workspace: str | None = Field(None, min_length=1)
    model: str | None = Field(None, min_length=1)
    emoji: str | None = None
    avatar: str | None = None


class AgentsUpdateParams(Params):
    """Other settings of an agent; `model` null takes its own model away."""

    agent_id: str = Field(min_length=1)
    name: str | None = Field(None, min_length=1)
    workspace: str | None = Field(None, min_length=1)
    model: str | None = Field(None, min_length=1)
    emoji: str | None = None
    avatar: str | None = None


class AgentsDeleteParams(Params):
    """Which agent goes; unless `delete_files` is false its workspace goes into the trash."""

    agent_id: str = Field(min_length=1)
    delete_files: bool = True


class AgentCreated(Result):
    """The answer of `agents.create`. `model` is there when it was given."""

    ok: Literal[True] = True
    agent_id: str
    name: str
    workspace: str
    model: str | None = None


class AgentUpdated(Result):
    """The answer of `agents.update`."""

    ok: Literal[True] = True
    agent_id: str


class RemovedPath(Result):
    """A place that went, or was not there."""

    path: str
    method: Literal["trash", "missing"]


class FailedPath(Result):
    """A place that stayed, and why."""

    path: str
    reason: str


class AgentDeleted(Result):
    """The answer of `agents.delete`."""

    ok: Literal[True] = True
    agent_id: str
    removed_bindings: int
    removed: list[RemovedPath]
    failed: list[FailedPath]


@method("agents.create", scope="operator.admin")
async def create_agent(call: Call, params: AgentsCreateParams) -> AgentCreated:
    """Make an agent that can be talked to when the answer comes."""
    gateway = call.gateway
    settings = Settings(params.name, params.workspace, params.model, params.emoji, params.avatar)
    agent = await asyncio.to_thread(add_agent, gateway.instance, settings, gateway.control.check)
    await gateway.control.reload()
    return AgentCreated(agent_id=agent.id, name=params.name, workspace=str(agent.workspace), model=params.model)


@method("agents.update", scope="operator.admin")
async def update_agent(call: Call, params: AgentsUpdateParams) -> AgentUpdated:
    """Change an agent; its next turn goes by it."""
    gateway = call.gateway
    clears_model = "model" in params.model_fields_set and params.model is None
    settings = Settings(params.name, params.workspace, params.model, params.emoji, params.avatar, clears_model)
    agent = await asyncio.to_thread(change_agent, gateway.instance, params.agent_id, settings, gateway.control.check)
    await gateway.control.reload()
    return AgentUpdated(agent_id=agent.id)


@method("agents.delete", scope="operator.admin")
async def delete_agent(call: Call, params: AgentsDeleteParams) -> AgentDeleted:
    """Remove an agent. Its sessions stay in the store; turns under way still end."""
    gateway = call.gateway
    removed = await asyncio.to_thread(
        remove_agent, gateway.instance, params.agent_id, files=params.delete_files, check=gateway.control.check
    )
    await gateway.control.reload()
    return AgentDeleted(
        agent_id=removed.agent_id,
        removed_bindings=removed.bindings,
        removed=[RemovedPath(path=str(gone.path), method=gone.method) for gone in removed.gone],
        failed=[FailedPath(path=str(path), reason=reason) for path, reason in removed.failed],
    )
