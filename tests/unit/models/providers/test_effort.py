"""A model that reasons is asked to at one of the known levels; another one is not told of any."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clawfleet.models.providers.base import Endpoint, Sampling
from clawfleet.models.providers.effort import LEVELS, accepted, level_named, level_of, name_of, wire_level_of

DEEP = Endpoint("x", "https://x.example", reasoning=True)


@pytest.mark.parametrize(
    ("wanted", "level"), [(None, "medium"), (" High ", "high"), ("none", "off"), ("off", "off"), ("huge", "medium")]
)
def test_levels(wanted: str | None, level: str) -> None:
    assert level_of(Sampling(reasoning_effort=wanted), DEEP) == level


def test_a_model_that_does_not_reason_is_left_alone() -> None:
    assert level_of(Sampling(reasoning_effort="high"), Endpoint("x", "https://x.example")) is None


def test_levels_that_the_model_has_not_become_the_nearest() -> None:
    endpoint = replace(DEEP, levels={"minimal": None, "medium": None, "off": None, "xhigh": None, "max": None})
    found = [level_of(Sampling(reasoning_effort=level), endpoint) for level in LEVELS]
    assert found == ["low", "low", "low", "low", "high", "high", "high"]
    only_off = replace(DEEP, levels=dict.fromkeys(LEVELS[1:]))
    assert level_of(Sampling(reasoning_effort="high"), only_off) == "off"


def test_a_level_may_stand_for_another_or_have_a_name() -> None:
    endpoint = replace(DEEP, levels={"off": "low", "max": "ultra"}, compat={"reasoningEffortMap": {"high": "very"}})
    assert wire_level_of(Sampling(reasoning_effort="off"), endpoint) == "low"
    assert wire_level_of(Sampling(reasoning_effort="max"), endpoint) == "max"
    assert [name_of(level, endpoint) for level in ("max", "high", "low")] == ["ultra", "very", None]


def test_only_names_that_are_taken_are_sent() -> None:
    endpoint = replace(DEEP, compat={"supportedReasoningEfforts": ["low", "high", "own"]})
    assert [accepted(level, endpoint) for level in ("low", "medium", "max", "own")] == ["low", "low", "high", "own"]
    assert accepted("max", DEEP) == "max"


def test_levels_go_by_many_names() -> None:
    assert [level_named(value) for value in (False, "disabled", "X-High", "on", 3, "loud")] == [
        "off", "off", "xhigh", "medium", None, None,
    ]  # fmt: skip
