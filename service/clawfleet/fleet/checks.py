"""All checks of a fleet that need no host, in one call. Source: deploy §5, phase A."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from clawfleet.fleet.boundaries import find_boundary_problems
from clawfleet.fleet.collisions import find_collisions
from clawfleet.fleet.credentials import Fingerprints, find_credential_problems
from clawfleet.fleet.feature_checks import find_feature_problems
from clawfleet.fleet.instance import TOKEN_NAME, GatewayInstance
from clawfleet.fleet.macs import find_mac_problems
from clawfleet.fleet.models.fleet import Fleet
from clawfleet.fleet.overlay import contradicted, owned_config
from clawfleet.fleet.problems import Problem
from clawfleet.fleet.tailnet import find_tailnet_problems


def check_fleet(fleet: Fleet, instances: Sequence[GatewayInstance], fingerprints: Fingerprints) -> list[Problem]:
    """Everything that is wrong, at once; empty when the fleet may be deployed."""
    return [
        *_same_machine(fleet),
        *_tunnel_ports(fleet, instances),
        *(problem for item in instances for problem in _contradictions(item)),
        *find_collisions(instances),
        *find_boundary_problems(instances),
        *find_tailnet_problems(fleet, instances),
        *find_mac_problems(fleet, instances),
        *find_credential_problems(instances, fingerprints),
        *find_feature_problems(fleet, instances),
    ]


def _same_machine(fleet: Fleet) -> Iterator[Problem]:
    for (one, first), (other, second) in combinations(fleet.hosts.items(), 2):
        same = [(side.connect.via, side.connect.hostname, side.connect.port) for side in (first, second)]
        if same[0] == same[1]:
            yield Problem(
                "hosts",
                f"hosts {one} and {other} are the same machine: {first.connect.hostname}, port {first.connect.port}",
                "put all gateways of a machine under one host",
            )


def _tunnel_ports(fleet: Fleet, instances: Sequence[GatewayInstance]) -> Iterator[Problem]:
    for host_name, host in fleet.hosts.items():
        taken = {item.port: item.id for item in instances if item.host == host_name}
        for name, tunnel in host.tunnels.items():
            if other := taken.get(tunnel.local_port):
                message = f"port {tunnel.local_port} of {host_name} is used by both {other} and its tunnel {name}"
                yield Problem("A1", message, "give the tunnel another localPort")
            taken[tunnel.local_port] = f"its tunnel {name}"


def _contradictions(item: GatewayInstance) -> Iterator[Problem]:
    own = owned_config(item.port, item.bind, item.workspace, TOKEN_NAME)
    for path in contradicted(item.config, own):
        yield Problem(
            "config",
            f"{item.id}: `config` sets {path} to another value than the gateway's own field",
            f"remove {path} from `config`; use the fields port, bind and workspace",
        )
