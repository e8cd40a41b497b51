"""Each Claude is told to think as it understands it."""

from __future__ import annotations

from typing import Any

import pytest

from clawfleet.core.messages import ToolSpec
from clawfleet.models.providers.anthropic_thinking import Thinking, thinking_of
from clawfleet.models.providers.base import Endpoint, Request, Sampling

DEEP = Endpoint("x", "https://x.example", reasoning=True)
EXEC = ToolSpec("exec", "Run")


def asked(model: str = "m", level: str | None = None, limit: int = 32_000, **more: Any) -> Thinking:
    sampling = Sampling(reasoning_effort=level, tool_choice=more.pop("choice", None))
    tail = more.pop("tail", True)
    return thinking_of(Request(model, (), (EXEC,), sampling), DEEP, limit, thought_of_tail=tail)


@pytest.mark.parametrize(
    ("level", "budget"), [("minimal", 1024), ("low", 2048), (None, 8192), ("high", 16384), ("odd", 8192)]
)
def test_budgets(level: str | None, budget: int) -> None:
    assert asked(level=level) == Thinking({"thinking": {"type": "enabled", "budget_tokens": budget}}, True)


def test_a_budget_leaves_room_for_the_answer() -> None:
    assert asked(limit=8192).body["thinking"] == {"type": "enabled", "budget_tokens": 7168}
    assert asked(limit=2000) == Thinking()


@pytest.mark.parametrize(
    ("model", "level", "effort"),
    [
        ("claude-opus-4-6", "minimal", "low"),
        ("claude-opus-4-6", "xhigh", "high"),
        ("claude-opus-5", "xhigh", "xhigh"),
        ("claude-sonnet-5-20260901", None, "medium"),
    ],
)
def test_newer_ones_take_an_effort(model: str, level: str | None, effort: str) -> None:
    found = asked(model, level)
    assert found == Thinking({"thinking": {"type": "adaptive"}, "output_config": {"effort": effort}}, True)


@pytest.mark.parametrize("model", ["claude-opus-4-20250514", "claude-sonnet-4-5-20250929", "claude-3-7-sonnet-latest"])
def test_a_date_is_no_version(model: str) -> None:
    assert asked(model).body["thinking"] == {"type": "enabled", "budget_tokens": 8192}


def test_off_and_forced_tools() -> None:
    assert asked(level="off") == Thinking({"thinking": {"type": "disabled"}})
    assert asked(level="none") == asked(level="off")
    assert asked("claude-opus-4-7", "off").refuses_tuning
    assert asked(choice="required") == Thinking({"thinking": {"type": "disabled"}})


def test_lost_reasoning_stops_a_budget_but_no_effort() -> None:
    assert asked(tail=False) == Thinking()
    assert asked("claude-opus-4-6", tail=False).body["thinking"] == {"type": "adaptive"}


def test_a_model_that_does_not_reason_is_told_nothing() -> None:
    plain = Endpoint("x", "https://x.example")
    request = Request("claude-opus-5", (), (), Sampling(reasoning_effort="high"))
    assert thinking_of(request, plain, 32_000, thought_of_tail=True) == Thinking(refuses_tuning=True)


def test_minimax_thinks_only_when_it_is_told_to() -> None:
    request = Request("MiniMax-M2.7", (), (), Sampling())
    found = thinking_of(request, Endpoint("x", "https://x.example"), 32_000, thought_of_tail=True)
    assert found == Thinking({"thinking": {"type": "disabled"}})
