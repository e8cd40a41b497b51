"""Tailscale in the fleet file."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from clawfleet.fleet.models.tailscale import GatewayTailscale, HostTailscale


def test_without_a_word_nothing_is_touched() -> None:
    host, gateway = HostTailscale(), GatewayTailscale()
    assert (host.install, host.auth_key, host.operator) == ("no", None, False)
    assert (gateway.mode, gateway.https_port) == ("off", 443)


@pytest.mark.parametrize("row", [{"authKey": "tskey-auth-x"}, {"install": "yes"}, {"extra": 1}])
def test_refused(row: dict[str, Any]) -> None:
    """A key in clear text above all."""
    with pytest.raises(ValidationError):
        HostTailscale.model_validate(row)
