"""Which tools one session is offered: policy first, then where they work."""

from __future__ import annotations

import asyncio
import copy
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Self

from clawfleet.config.models.agents import Agents
from clawfleet.config.models.root import Config
from clawfleet.config.models.sandbox import Sandbox
from clawfleet.config.models.tools import ExecConfig
from clawfleet.core.errors import ToolError
from clawfleet.core.ids import new_id
from clawfleet.core.messages import ToolSpec
from clawfleet.sandbox.container_floor import ContainerFloor
from clawfleet.sandbox.container_shell import ContainerShell
from clawfleet.sandbox.containers import Containers
from clawfleet.sandbox.daemon import Daemon
from clawfleet.sandbox.docker import Docker
from clawfleet.sandbox.failures import SandboxUnavailable
from clawfleet.sandbox.floor import Floor
from clawfleet.sandbox.place import Closed, Place
from clawfleet.sandbox.spec import (
    Site,
    Tenant,
    agent_of,
    instance_tag,
    is_sandboxed,
    settings_for,
    surroundings,
    workspace_target,
)
from clawfleet.sandbox.uses import Uses
from clawfleet.tools.approvals import Approvals
from clawfleet.tools.base import Tool
from clawfleet.tools.desk import Desk
from clawfleet.tools.elevated import failing_gates, level_of, refusal
from clawfleet.tools.exec_document import ExecDocument
from clawfleet.tools.exec_gate import ExecGate
from clawfleet.tools.explain import Explanation, explain
from clawfleet.tools.files.access import FileAccess
from clawfleet.tools.files.host import HostFloor
from clawfleet.tools.host_leftovers import end_leftovers
from clawfleet.tools.host_shell import HostShell
from clawfleet.tools.layers import is_in_sandbox, layers_for
from clawfleet.tools.loops import Loops, settings_of
from clawfleet.tools.mcp.naming import BETWEEN
from clawfleet.tools.mcp.servers import McpServers
from clawfleet.tools.policy import Decision, Layer, decide, may_have
from clawfleet.tools.remarks import NoCallableTools, named_tools, unknown_entries
from clawfleet.tools.runtime.orders import config_for
from clawfleet.tools.runtime.processes import Processes
from clawfleet.tools.runtime.running import Owner
from clawfleet.tools.seat import Elevation, Seat
from clawfleet.tools.subject import PLAIN, Occasion, Subject
from clawfleet.tools.table import WHY_ABSENT, build, names
from clawfleet.tools.web.cache import Cache

log = logging.getLogger("clawfleet.tools")


@dataclass(slots=True)
class _Docker:
    """What every toolbox of a gateway shares. `agents` are those of the newest config: they say what is pruned."""

    agents: Agents
    containers: Containers | None = None


class ToolBox:
    """The tools of one gateway. Nothing is started or imported before a session needs it.

    `approvals` are what commands wait for, `exec_document` the rules that they are held to besides the config,
    `processes` all commands that run. `desk`, once somebody sits there, is how tools reach channels and other sessions.
    """

    def __init__(self, *, config: Config, instance_id: str, state_dir: Path, environ: Mapping[str, str]) -> None:
        """`instance_id` stays the same over restarts: containers are found again by it."""
        self._config = config
        self._environ = environ
        self._state_dir = state_dir.resolve()
        self._tag = instance_tag(instance_id, PurePosixPath(self._state_dir))
        self._owner = f"{self._tag}.{new_id()[:8]}"
        self._docker = _Docker(config.agents)
        self._pages = Cache()
        self.mcp = McpServers(config.mcp)
        self.desk: Desk | None = None
        self.approvals = Approvals()
        self.processes = Processes()
        self.exec_document = ExecDocument(self._state_dir)
        self._told: set[str] = set()
        self._tell_unknown()

    def renewed(self, config: Config, environ: Mapping[str, str]) -> Self:
        """The tools of another config, in the same containers; whoever still has these goes on with these."""
        other = copy.copy(self)
        other._config, other._environ = config, environ
        if config.tools.web != self._config.tools.web:
            other._pages = Cache()  # a page that may no longer be fetched is not shown either
        self._docker.agents = config.agents
        self.mcp.adopt(config.mcp)
        other._tell_unknown()
        return other

    def offered(self, agent_id: str, session_key: str, occasion: Occasion = PLAIN) -> dict[str, Tool]:
        """The tools that policy leaves this session and that can work in it, by name, sorted."""
        subject = Subject(agent_id, session_key, occasion)
        allowed = [each.name for each in self.decisions(agent_id, session_key, occasion) if each.allowed]
        seat = replace(self._seat(subject, self._place(subject)), allowed=allowed)
        return self._built(allowed, seat)

    def surroundings(self, agent_id: str, session_key: str) -> str | None:
        """What the model should know of where its tools work; None on the host."""
        if self._place(Subject(agent_id, session_key)).host == "gateway":
            return None
        return surroundings(settings_for(self._config.agents, agent_id))

    def seen_at(self, agent_id: str, session_key: str, workspace: Path, path: Path) -> str | None:
        """Where tools of the session find a file of the host; None when they cannot."""
        if not self.is_sandboxed(Subject(agent_id, session_key)):
            return str(path)
        target = workspace_target(settings_for(self._config.agents, agent_id))
        if target is None or not path.is_relative_to(workspace):
            return None
        return str(PurePosixPath(target) / path.relative_to(workspace))

    def at_work(self, agent_id: str, session_key: str) -> str | None:
        """The commands that run in the background of this session, as part of its prompt; None without any."""
        place = self._place(Subject(agent_id, session_key))
        return self.processes.told(Owner(agent_id, session_key, place.scope))

    def equipment(
        self, agent_id: str, session_key: str, occasion: Occasion = PLAIN, *, others: bool = False
    ) -> dict[str, Tool]:
        """What a turn is offered; `others`: it has tools from elsewhere too.

        Raises `NoCallableTools` when nothing is left though a list names what should be.
        """
        tools = self.offered(agent_id, session_key, occasion)
        if not tools and not others and (named := named_tools(self.layers(agent_id, session_key, occasion))):
            raise NoCallableTools(named)
        return tools

    def exec_config(self, subject: Subject) -> ExecConfig:
        """How commands of a session run now."""
        return config_for(self._config, subject)

    def exec_host(self, subject: Subject) -> str:
        """Where they run: `sandbox` or `gateway`."""
        return self._place(subject).host

    def is_sandboxed(self, subject: Subject) -> bool:
        """Whether the session's tools run in a container."""
        return is_in_sandbox(self._config, subject)

    def elevation(self, subject: Subject) -> tuple[str, str | None]:
        """The elevated level that holds, and why the one who asks may not have it (None when they may)."""
        seat = self._seat(subject, self._place(subject))
        assert seat.elevation is not None
        return seat.elevation.level, seat.elevation.refusal

    def loops(self, agent_id: str) -> Loops:
        """What watches over the calls of one run."""
        return Loops(settings_of(self._config, agent_id))

    def decisions(self, agent_id: str, session_key: str, occasion: Occasion = PLAIN) -> tuple[Decision, ...]:
        """For every tool there is: whether this session may use it and, if not, which key took it away."""
        return decide(self._names(), self.layers(agent_id, session_key, occasion))

    def explain(self, agent_id: str, session_key: str, occasion: Occasion = PLAIN) -> Explanation:
        """Why this session has the tools it has, and what keeps the others that policy leaves it from working."""
        subject = Subject(agent_id, session_key, occasion)
        seat = self._seat(subject, self._place(subject))
        here, layers = self._built(self._names(), seat), layers_for(self._config, subject)
        gone = [each.name for each in decide(self._names(), layers) if each.allowed and each.name not in here]
        absent = {name: WHY_ABSENT.get(name, "it needs a running gateway") for name in gone}
        is_sandboxed = is_in_sandbox(self._config, subject)
        return explain(self._names(), layers, subject, is_sandboxed=is_sandboxed, absent=absent)

    def layers(self, agent_id: str, session_key: str, occasion: Occasion = PLAIN) -> tuple[Layer, ...]:
        """What the tools of this session have to pass."""
        return layers_for(self._config, Subject(agent_id, session_key, occasion))

    def specs(self) -> tuple[ToolSpec, ...]:
        """Every tool that can work here, whether or not some session may use it, sorted by name."""
        nowhere = Closed("gateway", ToolError("nothing is run for the list of tools"))
        seat = self._seat(Subject("main", "agent:main:main"), nowhere)
        return tuple(tool.spec for tool in self._built(self._names(), seat).values())

    async def recover(self) -> None:
        """End what a gateway that died left running, on the host and in its containers."""
        if count := await asyncio.to_thread(end_leftovers, self._owner):
            log.warning("%d commands of a gateway that died were ended", count)
        if Uses(self._state_dir).any:
            await self._containers().recover()

    async def close(self) -> None:
        """End what runs, let go of MCP servers and Docker. Containers stay: they hold files and are found again."""
        await self.processes.close()
        await self.mcp.close()
        if self._docker.containers is not None:
            await self._docker.containers.close()

    async def prepare(self, agent_id: str, session_key: str, occasion: Occasion = PLAIN) -> None:
        """Return when what tools need is there: MCP servers that this session may use. Those that fail are left out."""
        layers = self.layers(agent_id, session_key, occasion)
        await self.mcp.ready(lambda prefix: may_have(prefix + BETWEEN, layers))

    def _names(self) -> list[str]:
        return sorted([*names(), *self.mcp.tools()])

    def _built(self, wanted: Iterable[str], seat: Seat) -> dict[str, Tool]:
        """Those of the tools that can work here."""
        brought = self.mcp.tools()
        tools = ((name, brought.get(name) if BETWEEN in name else build(name, seat)) for name in wanted)
        return {name: tool for name, tool in tools if tool is not None}

    def _tell_unknown(self) -> None:
        """Log entries of lists that are no tool's name, each list once for the life of the gateway."""
        for key, entries in unknown_entries(self._config).items():
            text = f"{key} allowlist contains unknown entries ({', '.join(entries)})."
            if text not in self._told:
                self._told.add(text)
                log.warning("%s These entries won't match any tool unless the plugin is enabled.", text)

    def _seat(self, subject: Subject, place: Place) -> Seat:
        tenant, sandboxed = _tenant(subject), is_in_sandbox(self._config, subject)
        refused = refusal(self._config, subject, sandboxed=sandboxed) if failing_gates(self._config, subject) else None
        execution = config_for(self._config, subject)
        return Seat(
            config=self._config,
            agent_id=subject.agent_id,
            session_key=subject.session_key,
            place=place,
            gate=ExecGate(self.exec_document, self.approvals, subject.occasion.requester, self.desk),
            files=self._files(tenant),
            environ=self._environ,
            processes=self.processes,
            pages=self._pages,
            desk=self.desk,
            model=subject.occasion.model,
            sandboxed=sandboxed,
            exec=execution,
            elevation=Elevation(level_of(self._config, subject), refused, lambda: self._host_shell(execution)),
        )

    def _files(self, tenant: Tenant) -> FileAccess:
        """The files of this session: those of its sandbox when that is on, wherever commands run."""
        entry = self._config.agents.entries.get(tenant.agent_id)
        own = entry.tools.fs if entry and entry.tools else None
        limits = own or self._config.tools.fs
        return FileAccess(self._floor(tenant), confined=bool(limits and limits.workspace_only))

    def _floor(self, tenant: Tenant) -> Floor:
        sandbox = settings_for(self._config.agents, tenant.agent_id)
        if not is_sandboxed(sandbox.mode, tenant):
            return HostFloor(self._environ.get("HOME"))
        return ContainerFloor(self._containers(), sandbox, self._container_shell(sandbox, tenant))

    def _place(self, subject: Subject) -> Place:
        """Where commands of this session run: the sandbox when it is on, unless the operator named the host."""
        execution, tenant = config_for(self._config, subject), _tenant(subject)
        sandbox = settings_for(self._config.agents, tenant.agent_id)
        sandboxed = is_sandboxed(sandbox.mode, tenant)
        if execution.host == "gateway" or (execution.host == "auto" and not sandboxed):
            return self._host_shell(execution)
        if not sandboxed:
            reason = SandboxUnavailable(
                "exec is set to run in the sandbox (tools.exec.host), but no sandbox is active for this session.",
                hint='set agents.defaults.sandbox.mode to "all", or tools.exec.host to "auto"',
            )
            return Closed("sandbox", reason)
        return self._container_shell(sandbox, tenant)

    def _host_shell(self, execution: ExecConfig) -> HostShell:
        return HostShell(self._environ, execution.path_prepend, owner=self._owner)

    def _container_shell(self, sandbox: Sandbox, tenant: Tenant) -> ContainerShell:
        first = config_for(self._config, Subject(tenant.agent_id, tenant.session_key)).path_prepend
        return ContainerShell(self._containers(), sandbox, self._site(sandbox), tenant, first)

    def _site(self, sandbox: Sandbox) -> Site:
        root = Path(sandbox.workspace_root) if sandbox.workspace_root else self._state_dir / "sandboxes"
        home = PurePosixPath(self._environ.get("HOME") or "/root")
        return Site(self._tag, PurePosixPath(self._state_dir), PurePosixPath(root), home)

    def _containers(self) -> Containers:
        docker = self._docker
        if docker.containers is None:
            docker.containers = Containers(
                Docker(Daemon(self._environ)),
                self._tag,
                Uses(self._state_dir),
                lambda key: settings_for(docker.agents, agent_of(key)).prune,
            )
        return docker.containers


def _tenant(subject: Subject) -> Tenant:
    return Tenant(subject.agent_id, subject.session_key)
