"""Each Gemini is told to think as it understands it."""

from __future__ import annotations

import pytest

from clawfleet.models.providers.base import Endpoint, Sampling
from clawfleet.models.providers.google_thinking import is_gemini_3, thinking_config

DEEP = Endpoint("x", "https://x.example", reasoning=True)


@pytest.mark.parametrize(
    ("model", "level", "config"),
    [
        ("m", "high", {"includeThoughts": True}),
        ("m", "off", {"thinkingBudget": 0}),
        ("gemini-2.5-flash", "off", {"thinkingBudget": 0}),
        ("gemini-2.5-pro", "off", {"thinkingBudget": 128}),
        ("gemini-2.5-flash", "low", {"includeThoughts": True, "thinkingBudget": 2048}),
        ("gemini-3-pro-preview", "medium", {"includeThoughts": True, "thinkingLevel": "HIGH"}),
        ("gemini-3.1-pro-preview", None, {"includeThoughts": True, "thinkingLevel": "MEDIUM"}),
        ("gemini-3-flash-preview", "minimal", {"includeThoughts": True, "thinkingLevel": "MINIMAL"}),
        ("gemini-3-pro-preview", "off", {"thinkingLevel": "LOW"}),
        ("gemini-3-flash-preview", "off", {"thinkingLevel": "MINIMAL"}),
        ("gemini-3-flash-preview", "low", {"includeThoughts": True, "thinkingLevel": "LOW"}),
        ("gemini-3-flash-preview", "max", {"includeThoughts": True, "thinkingLevel": "HIGH"}),
    ],
)
def test_levels(model: str, level: str | None, config: dict[str, object]) -> None:
    assert thinking_config(model, Sampling(reasoning_effort=level), DEEP) == config


def test_a_model_that_does_not_reason_is_told_nothing() -> None:
    assert thinking_config("gemini-3-pro", Sampling(), Endpoint("x", "https://x.example")) is None


def test_generations() -> None:
    assert [is_gemini_3(name) for name in ("gemini-2.5-pro", "models/gemini-3-pro", "m")] == [False, True, False]
