"""Counts what happens in runs, under the names that OpenClaw's Prometheus plugin gives it. Source: http-and-web §11."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from clawfleet.agents.events import Ended, Failed, ModelChosen, RunEvent, ToolEnded, ToolStarted, UsageCounted
from clawfleet.agents.run import Run
from clawfleet.channels.replies import Delivery
from clawfleet.core.messages import Usage
from clawfleet.core.metrics import Metrics

CLIENT = "webchat"
"""The channel of who asks over the socket or by HTTP."""

NONE = "none"
MOST_GOING = 4096
"""Runs that are followed at once."""


@dataclass(slots=True)
class _Going:
    """How far a run is. `call_since` is when its model was asked, None while it is not."""

    channel: str
    agent: str
    trigger: str
    model: tuple[str, str] = (NONE, NONE)
    call_since: int | None = None
    tools: dict[str, int] = field(default_factory=dict)


class RunMetrics:
    """Listens to all runs. `find` gives one that is under way."""

    def __init__(self, metrics: Metrics, find: Callable[[str], Run | None]) -> None:
        self._metrics = metrics
        self._find = find
        self._going: dict[str, _Going] = {}

    def hear(self, event: RunEvent) -> None:
        """Count one event."""
        going = self._going.get(event.run_id)
        if going is None:
            if len(self._going) >= MOST_GOING:
                del self._going[next(iter(self._going))]
            going = self._going[event.run_id] = self._begun(event)
        match event.body:
            case ModelChosen(provider, model):
                self._chosen(going, (provider, model), event.at_ms)
            case UsageCounted(last=used):
                self._called(going, "completed", event.at_ms)
                self._used(going, used)
            case ToolStarted(call_id=call_id):
                going.tools[call_id] = event.at_ms
            case ToolEnded() as ended:
                self._tool(going, ended)
            case Ended() as ended:
                self._over(event, going, "aborted" if ended.aborted else "completed", ended.started_at_ms)
            case Failed() as failed:
                self._called(going, "error", event.at_ms)
                self._over(event, going, "error", failed.started_at_ms)
            case _:
                pass

    def _begun(self, event: RunEvent) -> _Going:
        run = self._find(event.run_id)
        delivery = run.input.delivery if run else None
        channel = Delivery.decode(delivery).channel if delivery else CLIENT
        trigger = "subagent" if ":subagent:" in event.session_key else "user"
        return _Going(channel, event.agent_id, trigger)

    def _chosen(self, going: _Going, model: tuple[str, str], at_ms: int) -> None:
        if going.call_since is not None and going.model != model:
            names = {"from_provider": going.model[0], "from_model": going.model[1]}
            names |= {"to_provider": model[0], "to_model": model[1]}
            self._metrics.count("openclaw_model_failover_total", names)
            self._called(going, "error", at_ms)
        going.model, going.call_since = model, at_ms

    def _called(self, going: _Going, outcome: str, at_ms: int) -> None:
        if going.call_since is None:
            return
        provider, model = going.model
        labels = {"provider": provider, "model": model, "outcome": outcome, "observation_unit": "request"}
        self._metrics.count("openclaw_model_call_total", labels)
        self._metrics.observe("openclaw_model_call_duration_seconds", labels, _seconds(going.call_since, at_ms))
        going.call_since = None

    def _used(self, going: _Going, used: Usage) -> None:
        kinds = {"input": used.input, "output": used.output, "cache_read": used.cache_read}
        provider, model = going.model
        labels = {"agent": going.agent, "channel": going.channel, "provider": provider, "model": model}
        for kind, tokens in (kinds | {"cache_write": used.cache_write}).items():
            if tokens:
                self._metrics.count("openclaw_model_tokens_total", labels | {"token_type": kind}, tokens)

    def _tool(self, going: _Going, ended: ToolEnded) -> None:
        since = going.tools.pop(ended.call_id, ended.started_at_ms)
        labels = {"tool": ended.name, "outcome": "error" if ended.is_error else "completed"}
        self._metrics.count("openclaw_tool_execution_total", labels)
        self._metrics.observe("openclaw_tool_execution_duration_seconds", labels, _seconds(since, ended.at_ms))

    def _over(self, event: RunEvent, going: _Going, outcome: str, started_at_ms: int) -> None:
        self._going.pop(event.run_id, None)
        provider, model = going.model
        labels = {"channel": going.channel, "provider": provider, "model": model}
        labels |= {"outcome": outcome, "trigger": going.trigger}
        self._metrics.count("openclaw_run_completed_total", labels)
        self._metrics.observe("openclaw_run_duration_seconds", labels, _seconds(started_at_ms, event.at_ms))


def _seconds(since_ms: int, until_ms: int) -> float:
    return max(0, until_ms - since_ms) / 1000
