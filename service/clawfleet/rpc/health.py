"""`health`: is the gateway well. Source: protocol §10."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from clawfleet.channels.status import AccountStatus
from clawfleet.core.clock import now_ms
from clawfleet.core.loop import LoopHealth
from clawfleet.host.machine import cpu_count, load_share
from clawfleet.rpc.call import Call, Gateway
from clawfleet.rpc.registry import Params, Result, method
from clawfleet.sessions.model import Session

RECENT = 5
PROBE_S = 10.0


class CpuBreakdown(Result):
    """Who uses the processor: shares of one core, but for `host_utilization`, which is of them all."""

    main_thread_core_ratio: float
    host_utilization: float
    host_cpu_count: int
    worker_core_ratio: float
    other_threads_core_ratio: float


class EventLoop(Result):
    """How late the event loop runs, in ms."""

    degraded: bool
    degraded_since_ms: int | None = None
    reasons: list[str]
    interval_ms: float
    delay_p99_ms: float = Field(serialization_alias="delayP99Ms")
    delay_max_ms: float
    utilization: float
    cpu_core_ratio: float
    cpu_breakdown: CpuBreakdown

    @classmethod
    def of(cls, health: LoopHealth) -> EventLoop:
        """The wire form of `health`."""
        return cls(
            degraded=health.degraded,
            degraded_since_ms=health.degraded_since_ms,
            reasons=["event_loop_delay"] if health.degraded else [],
            interval_ms=1000,
            delay_p99_ms=health.delay_p99_ms,
            delay_max_ms=health.delay_max_ms,
            utilization=health.utilization,
            cpu_core_ratio=health.cpu_core_ratio,
            cpu_breakdown=CpuBreakdown(
                main_thread_core_ratio=health.main_core_ratio,
                host_utilization=load_share(),
                host_cpu_count=cpu_count(),
                worker_core_ratio=0,
                other_threads_core_ratio=round(max(0.0, health.cpu_core_ratio - health.main_core_ratio), 3),
            ),
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


class Plugins(Result):
    """Code of others in this process: there is none."""

    loaded: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    unavailable: tuple[str, ...] = ()


class ConfigReload(Result):
    """Whether a changed config file is taken up by itself; the original's commands warn of one that is not."""

    hot_reload_status: Literal["active", "disabled"]

    @classmethod
    def of(cls, gateway: Gateway) -> ConfigReload:
        """As the config wants it."""
        return cls(hot_reload_status="disabled" if gateway.snapshot.config.gateway.reload.mode == "off" else "active")


class ModelRuntime(Result):
    """`pending_agents` are those whose model cannot answer as things are."""

    degraded: bool
    pending_agents: list[str]

    @classmethod
    def of(cls, gateway: Gateway) -> ModelRuntime:
        """What is known of the agents' models without asking anybody."""
        catalog = gateway.models.catalog
        pending = [agent_id for agent_id in gateway.roster.agents if catalog.problem(catalog.default(agent_id))]
        return cls(degraded=bool(pending), pending_agents=pending)


class Health(Result):
    """The payload of the `health` event, and part of `hello-ok`."""

    keeps_none: ClassVar[bool] = True

    ok: bool
    ts: int
    duration_ms: int
    plugins: Plugins = Plugins()
    config_reload: ConfigReload
    channels: dict[str, Any]
    channel_order: list[str]
    channel_labels: dict[str, str]
    heartbeat_seconds: int
    default_agent_id: str
    agents: list[AgentHealth]
    sessions: SessionsSummary
    event_loop: EventLoop


class HealthAnswer(Health):
    """The answer of `health`, which says of models what the event does not."""

    model_runtime: ModelRuntime


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
        config_reload=ConfigReload.of(gateway),
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


class HealthParams(Params):
    """`probe` asks the platforms of the channels first."""

    probe: bool = False


@method("health", scope=None)
async def health(call: Call, params: HealthParams) -> HealthAnswer:
    """Whether the gateway is well; every status command starts with this, so it needs no scope."""
    if params.probe:
        await call.gateway.channels.probe(timeout_s=PROBE_S)
    return HealthAnswer(**dict(await health_of(call.gateway)), model_runtime=ModelRuntime.of(call.gateway))
