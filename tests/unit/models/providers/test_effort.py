"""A model that reasons is asked to at one of the known levels; another one is not told of any."""

from __future__ import annotations

import pytest

from clawfleet.models.providers.base import Endpoint, Sampling
from clawfleet.models.providers.effort import level_of

DEEP = Endpoint("x", "https://x.example", reasoning=True)


@pytest.mark.parametrize(
    ("wanted", "level"), [(None, "medium"), (" High ", "high"), ("none", "off"), ("off", "off"), ("huge", "medium")]
)
def test_levels(wanted: str | None, level: str) -> None:
    assert level_of(Sampling(reasoning_effort=wanted), DEEP) == level


def test_a_model_that_does_not_reason_is_left_alone() -> None:
    assert level_of(Sampling(reasoning_effort="high"), Endpoint("x", "https://x.example")) is None
