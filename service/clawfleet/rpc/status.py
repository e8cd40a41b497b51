"""`status`: what this gateway is and does, for operators. Source: protocol §10."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from clawfleet.core.clock import now_ms
from clawfleet.host.memory import resident_bytes
from clawfleet.rpc.call import Call, Gateway
from clawfleet.rpc.health import RECENT, EventLoop, ModelRuntime
from clawfleet.rpc.registry import Params, Result, method
from clawfleet.rpc.shapes import SessionDefaults, SessionRow
from clawfleet.sessions.model import Session


class StatusParams(Params):
    """`include_cli_projection`: also what command lines print of the agents."""

    include_channel_summary: bool = True
    include_cli_projection: bool = False


class RecentRow(SessionRow):
    """A session as status shows it: with its age in ms."""

    age: int

    @classmethod
    def at(cls, now: int, session: Session, gateway: Gateway) -> RecentRow:
        """The row of `session` at the time `now`."""
        return cls(**SessionRow.of(session, gateway).model_dump(), age=max(0, now - session.updated_at_ms))


class AgentSessions(Result):
    """The sessions of one agent."""

    agent_id: str
    path: str
    count: int
    recent: list[RecentRow]


class StatusSessions(Result):
    """Sessions in `status`."""

    paths: list[str]
    count: int
    defaults: SessionDefaults
    recent: list[RecentRow]
    by_agent: list[AgentSessions]


class AgentHeartbeat(Result):
    """How often an agent does something by itself: never, in this release."""

    agent_id: str
    enabled: bool = False
    every: str = "0m"
    every_ms: int = 0


class Heartbeats(Result):
    """The heartbeats of all agents."""

    default_agent_id: str
    agents: list[AgentHeartbeat]


class HostDesktop(Result):
    """A remote desktop on this host: none is offered."""

    enabled: bool = False
    state: str = "disabled"
    port: int = 0


TASK_STATES = ("queued", "running", "succeeded", "failed", "timed_out", "cancelled", "lost")
TASK_RUNTIMES = ("subagent", "acp", "cli", "cron")
TASK_FAULTS = (
    *("stale_queued", "stale_running", "lost", "delivery_failed", "missing_cleanup", "inconsistent_timestamps"),
)


class Tasks(Result):
    """Background tasks: this gateway starts none, all work is a turn of its session."""

    total: int = 0
    active: int = 0
    terminal: int = 0
    failures: int = 0
    by_status: dict[str, int] = Field(default_factory=lambda: dict.fromkeys(TASK_STATES, 0))
    by_runtime: dict[str, int] = Field(default_factory=lambda: dict.fromkeys(TASK_RUNTIMES, 0))


class TaskAudit(Result):
    """What is wrong with background tasks: nothing, there are none."""

    total: int = 0
    warnings: int = 0
    errors: int = 0
    by_code: dict[str, int] = Field(default_factory=lambda: dict.fromkeys(TASK_FAULTS, 0))


class ProcessMemory(Result):
    """Memory of this process that is in use now, in bytes."""

    rss_bytes: int


class ProjectedAgent(Result):
    """One agent by its name."""

    id: str
    name: str | None = None


class ProjectedAgents(Result):
    """Who answers, as command lines print it."""

    default_id: str
    ownership: str
    selection_required: bool
    rows: list[ProjectedAgent]


class MemoryPlugin(Result):
    """Who keeps memories: nobody."""

    keeps_none: ClassVar[bool] = True

    enabled: bool = False
    slot: str | None = None


class CliProjection(Result):
    """What command lines print beside the rest."""

    agents: ProjectedAgents
    update_channel: str | None = None
    memory_plugin: MemoryPlugin = MemoryPlugin()


class Status(Result):
    """The answer of `status`."""

    runtime_version: str
    pid: int
    uptime_ms: int
    state_dir: str
    config_path: str
    log_file: str
    port: int
    bind: str
    auth_mode: str
    active_runs: int
    host_desktop: HostDesktop = HostDesktop()
    heartbeat: Heartbeats
    channel_summary: list[str]
    queued_system_events: list[str]
    degraded_secret_owners: tuple[str, ...] = ()
    degraded_plugins: tuple[str, ...] = ()
    tasks: Tasks = Tasks()
    task_audit: TaskAudit = TaskAudit()
    sessions: StatusSessions
    model_runtime: ModelRuntime
    event_loop: EventLoop
    process_memory: ProcessMemory
    cli_projection: CliProjection | None = None


@method("status", scope="operator.read")
async def status(call: Call, params: StatusParams) -> Status:
    """What this gateway is and does, for operators."""
    gateway, vitals, roster = call.gateway, call.gateway.vitals, call.gateway.roster
    return Status(
        runtime_version=vitals.version,
        pid=vitals.pid,
        uptime_ms=now_ms() - vitals.started_at_ms,
        state_dir=str(gateway.instance.state_dir),
        config_path=str(gateway.instance.config_path),
        log_file=str(vitals.log_file),
        port=vitals.port,
        bind=vitals.bind,
        auth_mode=gateway.auth.mode,
        active_runs=len(gateway.runs.live()),
        heartbeat=Heartbeats(
            default_agent_id=roster.default_id, agents=[AgentHeartbeat(agent_id=agent_id) for agent_id in roster.agents]
        ),
        channel_summary=_lines(gateway) if params.include_channel_summary else [],
        queued_system_events=[note.text for note in gateway.runs.system_events.waiting(roster.main_key())],
        sessions=await _sessions(gateway),
        model_runtime=ModelRuntime.of(gateway),
        event_loop=EventLoop.of(gateway.loop.health()),
        process_memory=ProcessMemory(rss_bytes=resident_bytes()),
        cli_projection=_projection(gateway) if params.include_cli_projection else None,
    )


async def _sessions(gateway: Gateway) -> StatusSessions:
    now, path = now_ms(), str(gateway.sessions.path)
    by_agent = []
    for agent_id in gateway.roster.agents:
        own, count = await gateway.sessions.recent(agent_id=agent_id, limit=RECENT)
        rows = [RecentRow.at(now, session, gateway) for session in own]
        by_agent.append(AgentSessions(agent_id=agent_id, path=path, count=count, recent=rows))
    sessions, total = await gateway.sessions.recent(agent_id=None, limit=RECENT)
    return StatusSessions(
        paths=[path],
        count=total,
        defaults=SessionDefaults.of(gateway),
        recent=[RecentRow.at(now, session, gateway) for session in sessions],
        by_agent=by_agent,
    )


def _projection(gateway: Gateway) -> CliProjection:
    agents = gateway.roster.agents.values()
    return CliProjection(
        agents=ProjectedAgents(
            default_id=gateway.roster.default_id,
            ownership="sole" if len(agents) == 1 else "explicit",
            selection_required=False,
            rows=[ProjectedAgent(id=agent.id, name=agent.name) for agent in agents],
        )
    )


def _lines(gateway: Gateway) -> list[str]:
    return [
        f"{row.account.channel} {row.account.account}: {'connected' if row.connected else row.error or 'not connected'}"
        for row in gateway.channels.rows()
    ]
