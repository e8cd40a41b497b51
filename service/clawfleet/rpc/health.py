"""`health` and `status`: is the gateway well, and what is it doing. Source: protocol §10."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from clawfleet.channels.status import AccountStatus
from clawfleet.core.clock import now_ms
from clawfleet.core.loop import LoopHealth
from clawfleet.host.memory import resident_bytes
from clawfleet.rpc.call import Call, Gateway
from clawfleet.rpc.registry import NoParams, Params, Result, method
from clawfleet.rpc.shapes import SessionDefaults, SessionRow
from clawfleet.sessions.model import Session

RECENT = 5


class EventLoop(Result):
    """How late the event loop runs, in ms."""

    degraded: bool
    reasons: list[str]
    interval_ms: float
    delay_p99_ms: float = Field(serialization_alias="delayP99Ms")
    delay_max_ms: float
    utilization: float
    cpu_core_ratio: float

    @classmethod
    def of(cls, health: LoopHealth) -> EventLoop:
        """The wire form of `health`."""
        return cls(
            degraded=health.degraded,
            reasons=["event_loop_delay"] if health.degraded else [],
            interval_ms=1000,
            delay_p99_ms=health.delay_p99_ms,
            delay_max_ms=health.delay_max_ms,
            utilization=health.utilization,
            cpu_core_ratio=health.cpu_core_ratio,
        )


class RecentSession(Result):
    """A session by key and age (ms)."""

    key: str
    updated_at: int
    age: int


class SessionsSummary(Result):
    """How many sessions there are and which were used last."""

    path: str
    count: int
    recent: list[RecentSession]


class Heartbeat(Result):
    """What an agent does by itself from time to time; this release has none, so it is always off."""

    enabled: bool = False
    every: str = "0m"
    every_ms: int = 0
    prompt: str = ""
    target: str = "none"
    ack_max_chars: int = 0


class AgentHealth(Result):
    """One agent."""

    agent_id: str
    is_default: bool
    heartbeat: Heartbeat = Heartbeat()
    sessions: SessionsSummary


class Health(Result):
    """The answer of `health`, the payload of the `health` event, and part of `hello-ok`."""

    ok: bool
    ts: int
    duration_ms: int
    channels: dict[str, Any]
    channel_order: list[str]
    channel_labels: dict[str, str]
    heartbeat_seconds: int
    default_agent_id: str
    agents: list[AgentHealth]
    sessions: SessionsSummary
    event_loop: EventLoop


async def health_of(gateway: Gateway) -> Health:
    """The gateway's health now."""
    started = now_ms()
    agents = []
    for agent_id in gateway.roster.agents:
        sessions, total = await gateway.sessions.recent(agent_id=agent_id, limit=RECENT)
        agents.append(
            AgentHealth(
                agent_id=agent_id,
                is_default=agent_id == gateway.roster.default_id,
                sessions=_summary(gateway, sessions, total),
            )
        )
    sessions, total = await gateway.sessions.recent(agent_id=None, limit=RECENT)
    channels = {name: _channel(rows) for name, rows in _by_channel(gateway).items()}
    return Health(
        ok=True,
        ts=started,
        duration_ms=now_ms() - started,
        channels=channels,
        channel_order=list(channels),
        channel_labels={name: name.capitalize() for name in channels},
        heartbeat_seconds=0,
        default_agent_id=gateway.roster.default_id,
        agents=agents,
        sessions=_summary(gateway, sessions, total),
        event_loop=EventLoop.of(gateway.loop.health()),
    )


def _by_channel(gateway: Gateway) -> dict[str, list[AccountStatus]]:
    table: dict[str, list[AccountStatus]] = {}
    for row in gateway.channels.rows():
        table.setdefault(row.account.channel, []).append(row)
    return table


def _channel(rows: list[AccountStatus]) -> dict[str, Any]:
    problem = next((row.error for row in rows if row.error), None)
    return {
        "configured": any(row.account.configured for row in rows),
        "running": any(row.running for row in rows),
        "connected": all(row.connected for row in rows),
        **({"lastError": problem} if problem else {}),
    }


def _lines(gateway: Gateway) -> list[str]:
    return [
        f"{row.account.channel} {row.account.account}: {'connected' if row.connected else row.error or 'not connected'}"
        for row in gateway.channels.rows()
    ]


def _summary(gateway: Gateway, sessions: tuple[Session, ...], total: int) -> SessionsSummary:
    at = now_ms()
    return SessionsSummary(
        path=str(gateway.sessions.path),
        count=total,
        recent=[
            RecentSession(key=session.key, updated_at=session.updated_at_ms, age=max(0, at - session.updated_at_ms))
            for session in sessions
        ],
    )


@method("health", scope=None)
async def health(call: Call, params: NoParams) -> Health:
    """Whether the gateway is well; every status command starts with this, so it needs no scope."""
    return await health_of(call.gateway)


class StatusParams(Params):
    """Parameters of `status`."""

    include_channel_summary: bool = True


class StatusSessions(Result):
    """Sessions in `status`."""

    paths: list[str]
    count: int
    defaults: SessionDefaults
    recent: list[SessionRow]


class ProcessMemory(Result):
    """Memory of this process that is in use now, in bytes."""

    rss_bytes: int


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
    channel_summary: list[str]
    queued_system_events: list[str]
    sessions: StatusSessions
    event_loop: EventLoop
    process_memory: ProcessMemory


@method("status", scope="operator.read")
async def status(call: Call, params: StatusParams) -> Status:
    """What this gateway is and does, for operators."""
    gateway, vitals = call.gateway, call.gateway.vitals
    sessions, total = await gateway.sessions.recent(agent_id=None, limit=RECENT)
    return Status(
        runtime_version=vitals.version,
        pid=vitals.pid,
        uptime_ms=now_ms() - vitals.started_at_ms,
        state_dir=str(gateway.instance.state_dir),
        config_path=str(gateway.instance.config_path),
        log_file=str(vitals.log_file),
        port=vitals.port,
        bind=vitals.bind,
        auth_mode=vitals.auth_mode,
        active_runs=len(gateway.runs.live()),
        channel_summary=_lines(gateway) if params.include_channel_summary else [],
        queued_system_events=[],
        sessions=StatusSessions(
            paths=[str(gateway.sessions.path)],
            count=total,
            defaults=SessionDefaults.of(gateway),
            recent=[SessionRow.of(session, gateway) for session in sessions],
        ),
        event_loop=EventLoop.of(gateway.loop.health()),
        process_memory=ProcessMemory(rss_bytes=resident_bytes()),
    )
