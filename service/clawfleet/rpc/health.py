"""`health`: is the gateway well. Source: protocol §10."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from clawfleet.channels.status import AccountStatus
from clawfleet.core.clock import now_ms
from clawfleet.core.loop import LoopHealth
from clawfleet.rpc.call import Call, Gateway
from clawfleet.rpc.registry import NoParams, Result, method
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
