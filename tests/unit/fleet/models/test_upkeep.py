"""ssh server, journal and updates in the fleet file."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from clawfleet.fleet.models.upkeep import Journal, Ssh


def test_a_change_that_bars_us_goes_back_after_two_minutes() -> None:
    assert Ssh().dead_man_s == 120
    with pytest.raises(ValidationError):
        Ssh.model_validate({"deadManS": 0})


def test_a_name_in_a_drop_in_is_only_a_name() -> None:
    with pytest.raises(ValidationError):
        Ssh.model_validate({"allowUsers": ["ada\nPermitRootLogin yes"]})


def test_a_journal_has_a_size() -> None:
    assert Journal().max_use == "1G"
    with pytest.raises(ValidationError):
        Journal.model_validate({"maxUse": "much"})
