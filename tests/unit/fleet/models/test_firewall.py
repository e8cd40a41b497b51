"""The firewall in the fleet file."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from clawfleet.fleet.models.firewall import Firewall, Opening


def test_addresses_and_networks_are_sources() -> None:
    """Both families; one address is a network of one."""
    found = Firewall.model_validate({"sshFrom": ["10.0.0.0/8", "192.0.2.7"], "gatewaysFrom": ["fd00::/8"]})
    assert (found.ssh_from, found.gateways_from) == (["10.0.0.0/8", "192.0.2.7/32"], ["fd00::/8"])


@pytest.mark.parametrize("source", ["example.org", "10.0.0.1/8", "10.0.0.0/8 accept; drop", ""])
def test_what_is_no_network_is_refused(source: str) -> None:
    """It becomes part of a rule."""
    with pytest.raises(ValidationError):
        Opening.model_validate({"port": 443, "sources": [source]})
