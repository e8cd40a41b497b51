"""What the scripts on a host are told of a gateway."""

from __future__ import annotations

from typing import Any

import pytest

from clawfleet.fleet.models.fleet import Rollout
from specs import gate_spec
from tests.unit.deploy.recipes import gateway


@pytest.mark.parametrize(
    ("smoke", "told"),
    [
        (False, None),
        (True, {"message": "Answer with the single word ready.", "expect": None, "timeoutS": 60}),
        ({"message": "2+2", "expect": "4"}, {"message": "2+2", "expect": "4", "timeoutS": 60}),
    ],
)
def test_the_smoke_turn_is_off_unless_asked_for(smoke: Any, told: Any) -> None:
    """`true` asks a question of its own."""
    assert gate_spec(gateway(), Rollout.model_validate({"smoke": smoke}))["smoke"] == told


def test_a_gateway_behind_a_trusted_proxy_is_not_asked_for_a_token() -> None:
    """Its own command comes from no proxy."""
    proxied = {"gateway": {"auth": {"mode": "trusted-proxy"}}}
    assert gate_spec(gateway(), Rollout())["connects"]
    assert not gate_spec(gateway(config=proxied), Rollout())["connects"]
