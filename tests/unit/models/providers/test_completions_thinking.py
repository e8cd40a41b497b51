"""Each server is told to think in its own way, and one that does not reason in none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from clawfleet.models.providers.base import Endpoint, Sampling
from clawfleet.models.providers.compat import compat_of
from clawfleet.models.providers.completions_thinking import thinking_body

LAN = Endpoint("lan", "http://127.0.0.1:1/v1", reasoning=True)


def said(level: str | None, *, has_tools: bool = False, endpoint: Endpoint = LAN, **compat: object) -> object:
    endpoint = replace(endpoint, compat=compat)
    seen = compat_of(endpoint.base_url, compat)
    return thinking_body(Sampling(reasoning_effort=level), endpoint, seen, has_tools=has_tools)


@pytest.mark.parametrize(
    ("format", "on", "off"),
    [
        ("openai", {}, {}),
        ("openrouter", {"reasoning": {"effort": "high"}}, {"reasoning": {"effort": "none"}}),
        ("qwen", {"enable_thinking": True}, {"enable_thinking": False}),
        (
            "qwen-chat-template",
            {"chat_template_kwargs": {"enable_thinking": True}},
            {"chat_template_kwargs": {"enable_thinking": False}},
        ),
        ("deepseek", {"thinking": {"type": "enabled"}}, {"thinking": {"type": "disabled"}}),
        ("zai", {"thinking": {"type": "enabled"}}, {"thinking": {"type": "disabled"}}),
        ("together", {"reasoning": {"enabled": True}}, {"reasoning": {"enabled": False}}),
    ],
)
def test_seven_ways(format: str, on: object, off: object) -> None:
    assert said("high", thinkingFormat=format) == on
    assert said("off", thinkingFormat=format) == off
    assert said("high", thinkingFormat=format, endpoint=replace(LAN, reasoning=False)) == {}


def test_an_effort_by_the_names_that_the_server_takes() -> None:
    assert said("high", supportsReasoningEffort=True) == {"reasoning_effort": "high"}
    assert said("off", supportsReasoningEffort=True) == {}
    assert said("xhigh", supportsReasoningEffort=True, supportedReasoningEfforts=["low", "high"]) == {
        "reasoning_effort": "high"
    }
    mapped: Any = {"supportsReasoningEffort": True, "reasoningEffortMap": {"high": "very", "off": "none"}}
    assert said("high", **mapped) == {"reasoning_effort": "very"}
    assert said("off", **mapped) == {"reasoning_effort": "none"}
    named = replace(LAN, levels={"max": "ultra", "low": None})
    assert said("max", endpoint=named, supportsReasoningEffort=True) == {"reasoning_effort": "ultra"}
    assert said("low", endpoint=named, supportsReasoningEffort=True) == {"reasoning_effort": "minimal"}


def test_openai_itself_takes_tools_or_an_effort() -> None:
    openai = replace(LAN, base_url="https://api.openai.com/v1")
    assert said("high", endpoint=openai) == {"reasoning_effort": "high"}
    assert said("high", endpoint=openai, has_tools=True) == {}
