"""Tailscale as the fleet file wants it: the host in its tailnet before its gateways start, routes after that."""

from __future__ import annotations

from collections.abc import Sequence

from clawfleet.fleet.instance import GatewayInstance
from clawfleet.fleet.tailnet import kept_route, operator_of
from fleet_file import CheckedFleet
from operations.tailscale import kept_routes, routes_allowed, tailnet_joined, tailscale_installed
from shell import HiddenText


def prepare_tailscale(checked: CheckedFleet, host_name: str) -> None:
    """Installed, up, and allowed to who needs it; nothing where the file does not speak of it."""
    wanted = checked.fleet.hosts[host_name].tailscale
    if wanted is None:
        return
    if wanted.install != "no":
        tailscale_installed(name="Tailscale", source=wanted.install)
    key = checked.auth_keys.get(host_name)
    tailnet_joined(name="tailnet", key=HiddenText(f"{key}\n") if key else None)
    if user := operator_of(checked.fleet, checked.instances, host_name):
        routes_allowed(name=f"Tailscale's routes for {user}", user=user)


def place_routes(instances: Sequence[GatewayInstance]) -> None:
    """The ports of the host's name in the tailnet that lead to its gateways."""
    routes = [(item, route) for item in instances if item.enabled and (route := kept_route(item)) is not None]
    wanted = {route.https_port: (str(route.mode), item.port) for item, route in routes}
    kept_routes(name="Tailscale's routes", wanted=wanted)
