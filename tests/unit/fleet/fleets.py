"""Short ways to write a fleet in a test."""

from __future__ import annotations

import json
from typing import Any

from clawfleet.fleet.expand import expand
from clawfleet.fleet.instance import GatewayInstance
from clawfleet.fleet.models.fleet import Fleet
from clawfleet.fleet.parse import parse_files


def fleet_of(**hosts: dict[str, dict[str, Any]]) -> Fleet:
    """A fleet with one host per keyword; the value is its `gateways`."""
    tree = {
        "version": 1,
        "hosts": {
            name: {"connect": {"hostname": f"{name}.example"}, "gateways": gateways} for name, gateways in hosts.items()
        },
    }
    return parse_files({"fleet.json5": json.dumps(tree)})


def instances_of(**hosts: dict[str, dict[str, Any]]) -> tuple[GatewayInstance, ...]:
    """The instances of `fleet_of`, with nothing remembered."""
    return expand(fleet_of(**hosts), {})
