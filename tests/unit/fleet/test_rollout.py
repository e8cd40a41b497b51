"""In which order hosts are changed."""

from __future__ import annotations

import pytest

from clawfleet.fleet.models.fleet import Rollout
from clawfleet.fleet.rollout import batches


@pytest.mark.parametrize(
    ("plan", "wanted"),
    [
        ({}, [["a"], ["b"], ["c"], ["d"]]),
        ({"batch": 2}, [["a"], ["b", "c"], ["d"]]),
        ({"canary": 3, "batch": 9}, [["a", "b", "c"], ["d"]]),
        ({"order": ["c", "zz"], "batch": 5}, [["c"], ["a", "b", "d"]]),
    ],
)
def test_sorted_after_the_named_ones_canaries_first(plan: dict[str, object], wanted: list[list[str]]) -> None:
    assert batches(["d", "b", "a", "c"], Rollout.model_validate(plan)) == wanted


def test_no_hosts_no_batches() -> None:
    assert batches([], Rollout()) == []
