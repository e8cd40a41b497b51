"""Which gateways a limit names."""

from __future__ import annotations

import pytest

from clawfleet.fleet.selection import NothingSelectedError, selected, the_one
from tests.unit.fleet.fleets import instances_of

FLEET = instances_of(edge={"default": {}, "ops": {}}, far={"ops": {}})


@pytest.mark.parametrize(
    ("limits", "ids"),
    [
        ((), ["edge/default", "edge/ops", "far/ops"]),
        (("edge",), ["edge/default", "edge/ops"]),
        (("edge/ops", "far"), ["edge/ops", "far/ops"]),
        (("*/ops",), ["edge/ops", "far/ops"]),
    ],
)
def test_hosts_gateways_and_patterns(limits: tuple[str, ...], ids: list[str]) -> None:
    assert [item.id for item in selected(FLEET, limits)] == ids


def test_a_typo_is_an_error_even_beside_a_good_limit() -> None:
    """Doing a part of what was meant must not look like success."""
    with pytest.raises(NothingSelectedError, match="egde") as caught:
        selected(FLEET, ("far", "egde/ops"))
    assert caught.value.exit_code == 3
    assert caught.value.hint == "did you mean edge/ops?"


def test_what_is_about_one_gateway_wants_one() -> None:
    assert the_one(FLEET, ("far",)).id == "far/ops"
    with pytest.raises(NothingSelectedError, match="2 are meant"):
        the_one(FLEET, ("edge",))
