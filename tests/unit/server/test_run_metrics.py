"""What happens in runs, counted."""

from clawfleet.agents.events import Body, Ended, Failed, ModelChosen, RunEvent, ToolEnded, ToolStarted, UsageCounted
from clawfleet.core.messages import Usage
from clawfleet.core.metrics import Metrics
from clawfleet.server import run_metrics
from clawfleet.server.run_metrics import RunMetrics


class Heard:
    def __init__(self) -> None:
        self.metrics = Metrics()
        self.listener = RunMetrics(self.metrics, lambda run_id: None)

    def say(self, at_ms: int, body: Body, run: str = "r", key: str = "agent:main:main") -> None:
        self.listener.hear(RunEvent(run, key, "s", "main", 1, at_ms, body))

    @property
    def lines(self) -> list[str]:
        return [line for line in self.metrics.render(()).splitlines() if "_bucket" not in line and line[0] != "#"]


def test_a_run_with_a_tool_is_counted_with_its_calls_and_tokens() -> None:
    heard = Heard()
    heard.say(0, ModelChosen("acme", "one"))
    heard.say(1500, UsageCounted(7, Usage(10, 7, 3)))
    heard.say(1500, ToolStarted("c", "exec", {}, 1500))
    heard.say(1900, ToolEnded("c", "exec", "no", True, {}, 1500, 1900))
    heard.say(2000, ModelChosen("acme", "one"))
    heard.say(3000, UsageCounted(9, Usage(20, 2)))
    heard.say(3000, Ended("text", "stop", False, 0, 3000))
    model = 'provider="acme",model="one"'
    call = f'{{{model},outcome="completed",observation_unit="request"}}'
    assert f"openclaw_model_call_total{call} 2" in heard.lines
    assert f"openclaw_model_call_duration_seconds_sum{call} 2.5" in heard.lines
    tokens = f'openclaw_model_tokens_total{{agent="main",channel="webchat",{model}'
    assert [line for line in heard.lines if line.startswith(tokens)] == [
        f'{tokens},token_type="input"}} 30',
        f'{tokens},token_type="output"}} 9',
        f'{tokens},token_type="cache_read"}} 3',
    ]
    assert 'openclaw_tool_execution_total{tool="exec",outcome="error"} 1' in heard.lines
    assert 'openclaw_tool_execution_duration_seconds_sum{tool="exec",outcome="error"} 0.4' in heard.lines
    run = f'{{channel="webchat",{model},outcome="completed",trigger="user"}}'
    assert f"openclaw_run_completed_total{run} 1" in heard.lines
    assert f"openclaw_run_duration_seconds_sum{run} 3" in heard.lines


def test_a_fallback_is_a_failed_call_and_a_change_of_model() -> None:
    heard = Heard()
    heard.say(0, ModelChosen("acme", "one"))
    heard.say(100, ModelChosen("other", "two"))
    heard.say(200, Failed("no", "X", 0, 200), key="agent:main:subagent:x")
    failed = 'outcome="error",observation_unit="request"} 1'
    assert f'openclaw_model_call_total{{provider="acme",model="one",{failed}' in heard.lines
    assert f'openclaw_model_call_total{{provider="other",model="two",{failed}' in heard.lines
    names = 'from_provider="acme",from_model="one",to_provider="other",to_model="two"'
    assert f"openclaw_model_failover_total{{{names}}} 1" in heard.lines
    assert any('outcome="error",trigger="user"' in line for line in heard.lines)


def test_what_never_ends_is_forgotten_some_day(monkeypatch: object) -> None:
    heard = Heard()
    for number in range(run_metrics.MOST_GOING + 5):
        heard.say(0, ModelChosen("acme", "one"), run=str(number))
    assert len(heard.listener._going) == run_metrics.MOST_GOING
