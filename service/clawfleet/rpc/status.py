"""`status`: what this gateway is and does, for operators. Source: protocol §10."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from clawfleet.core.clock import now_ms
from clawfleet.host.memory import resident_bytes
from clawfleet.rpc.call import Call, Gateway
from clawfleet.rpc.health import RECENT, EventLoop, ModelRuntime
from clawfleet.rpc.registry import Params, Result, method
from clawfleet.rpc.shapes import SessionRow, model_of
from clawfleet.sessions.model import Session
from clawfleet.sessions.spawns import SpawnState


class StatusParams(Params):
    """`include_cli_projection`: also what command lines print of the agents."""

    include_channel_summary: bool = True
    include_cli_projection: bool = False


class RecentRow(Result):
    """A session as status shows it, its age in ms. `total_tokens` are those of its context, the others of all of it."""

    agent_id: str
    key: str
    kind: str
    session_id: str
    updated_at: int
    age: int
    aborted_last_run: bool
    input_tokens: int
    output_tokens: int
    cache_read: int = 0
    cache_write: int = 0
    total_tokens: int
    total_tokens_fresh: bool = True
    remaining_tokens: int
    percent_used: int
    model: str
    configured_model: str
    selected_model: str
    model_selection_reason: str | None = None
    runtime: str = "Clawfleet"
    context_tokens: int
    flags: list[str]

    @classmethod
    def at(cls, now: int, session: Session, gateway: Gateway) -> RecentRow:
        """The row of `session` at the time `now`."""
        row = SessionRow.of(session, gateway)
        ref, _ = model_of(session, gateway)
        used, window = session.context_used, row.context_tokens
        return cls(
            agent_id=row.agent_id,
            key=row.key,
            kind=row.kind,
            session_id=row.session_id,
            updated_at=row.updated_at,
            age=max(0, now - row.updated_at),
            aborted_last_run=row.aborted_last_run,
            input_tokens=row.input_tokens,
            output_tokens=row.output_tokens,
            total_tokens=used,
            remaining_tokens=max(0, window - used),
            percent_used=min(100, round(100 * used / window)) if window else 0,
            model=ref.model,
            configured_model=str(gateway.models.catalog.default(session.agent_id)),
            selected_model=str(ref),
            context_tokens=window,
            flags=[f"id:{row.session_id}"],
        )


class AgentSessions(Result):
    """The sessions of one agent."""

    agent_id: str
    path: str
    count: int
    recent: list[RecentRow]


class StatusDefaults(Result):
    """What a session without choices of its own uses."""

    model: str
    context_tokens: int

    @classmethod
    def of(cls, gateway: Gateway) -> StatusDefaults:
        """The default agent's model."""
        catalog = gateway.models.catalog
        ref = catalog.default(gateway.roster.default_id)
        row = catalog.find(ref)
        return cls(model=ref.model, context_tokens=row.context_window if row else 0)


class StatusSessions(Result):
    """Sessions in `status`."""

    paths: list[str]
    count: int
    defaults: StatusDefaults
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
STATUS_NAMES: Mapping[SpawnState, str] = {
    "running": "running",
    "done": "succeeded",
    "failed": "failed",
    "timeout": "timed_out",
    "killed": "cancelled",
    "lost": "lost",
}
FAILED: tuple[SpawnState, ...] = ("failed", "timeout", "lost")
TASK_RUNTIMES = ("subagent", "acp", "cli", "cron")
TASK_FAULTS = (
    *("stale_queued", "stale_running", "lost", "delivery_failed", "missing_cleanup", "inconsistent_timestamps"),
)


class Tasks(Result):
    """Background tasks: the work of subagents."""

    total: int = 0
    active: int = 0
    terminal: int = 0
    failures: int = 0
    by_status: dict[str, int] = Field(default_factory=lambda: dict.fromkeys(TASK_STATES, 0))
    by_runtime: dict[str, int] = Field(default_factory=lambda: dict.fromkeys(TASK_RUNTIMES, 0))

    @classmethod
    def of(cls, tally: Mapping[SpawnState, int]) -> Tasks:
        """Of how many subagents there are in each state."""
        total, active = sum(tally.values()), tally.get("running", 0)
        by_status = {STATUS_NAMES[state]: count for state, count in tally.items()}
        return cls(
            total=total,
            active=active,
            terminal=total - active,
            failures=sum(tally.get(state, 0) for state in FAILED),
            by_status=dict.fromkeys(TASK_STATES, 0) | by_status,
            by_runtime=dict.fromkeys(TASK_RUNTIMES, 0) | {"subagent": total},
        )


class TaskAudit(Result):
    """What is wrong with background tasks: nothing, what a stop interrupted is settled at the next start."""

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

    keeps_none: ClassVar[bool] = True

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
    tasks: Tasks
    task_audit: TaskAudit = TaskAudit()
    sessions: StatusSessions
    model_runtime: ModelRuntime
    event_loop: EventLoop
    process_memory: ProcessMemory


class ProjectedStatus(Status):
    """The answer of `status` for command lines."""

    cli_projection: CliProjection


@method("status", scope="operator.read")
async def status(call: Call, params: StatusParams) -> Status:
    """What this gateway is and does, for operators."""
    gateway, vitals, roster = call.gateway, call.gateway.vitals, call.gateway.roster
    told = Status(
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
        tasks=Tasks.of(await gateway.sessions.spawns.tally()),
        sessions=await _sessions(gateway),
        model_runtime=ModelRuntime.of(gateway),
        event_loop=EventLoop.of(gateway.loop.health()),
        process_memory=ProcessMemory(rss_bytes=resident_bytes()),
    )
    if not params.include_cli_projection:
        return told
    return ProjectedStatus(**dict(told), cli_projection=_projection(gateway))


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
        defaults=StatusDefaults.of(gateway),
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
