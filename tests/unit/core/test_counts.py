"""Counts as people read them."""

import pytest

from clawfleet.core.counts import counted


@pytest.mark.parametrize(("count", "told"), [(0, "0 hosts"), (1, "1 host"), (2, "2 hosts")])
def test_one_is_not_many(count: int, told: str) -> None:
    assert counted(count, "host") == told
