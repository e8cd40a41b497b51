"""`projects.list`, `environments.list`: where agents work. Each has its workspace, and all are on this host."""

from __future__ import annotations

import sys

from clawfleet.protocol.scopes import WRITE, grants
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import NoParams, Params, Result, method


class Project(Result):
    """One project. `repo_root` is told to those who may write only."""

    id: str
    display_name: str
    repo_root: str | None = None
    source: str
    agent_id: str


class Projects(Result):
    """The answer of `projects.list`."""

    projects: list[Project]


@method("projects.list", scope="operator.read")
async def list_projects(call: Call, params: NoParams) -> Projects:
    """The workspaces of the agents."""
    writes = grants(call.caller.scopes, WRITE)
    return Projects(
        projects=[
            Project(
                id=f"workspace:{agent.id}",
                display_name=agent.workspace.name,
                repo_root=str(agent.workspace) if writes else None,
                source="workspace",
                agent_id=agent.id,
            )
            for agent in call.gateway.roster.agents.values()
        ]
    )


class EnvironmentsParams(Params):
    """`include_desktop_setup` asks for what a remote desktop would need; this gateway offers none."""

    include_desktop_setup: bool = False


class Environment(Result):
    """One place where agents can run."""

    id: str
    type: str
    label: str
    status: str
    platform: str
    session_host: bool
    trust: str
    capabilities: list[str]


class Environments(Result):
    """The answer of `environments.list`."""

    environments: list[Environment]


@method("environments.list", scope="operator.read")
async def list_environments(call: Call, params: EnvironmentsParams) -> Environments:
    """The places where agents can run: this host."""
    own = Environment(
        id="gateway",
        type="local",
        label="Gateway local",
        status="available",
        platform=sys.platform,
        session_host=True,
        trust="persistent",
        capabilities=["agent.run", "sessions", "tools", "workspace"],
    )
    return Environments(environments=[own])
