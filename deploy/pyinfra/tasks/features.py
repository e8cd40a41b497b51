"""What the fleet asks of a host beside its gateways: firewall, ssh server, journal, updates."""

from __future__ import annotations

from clawfleet.fleet.features import host_orders
from control.reach import reaches
from control.second_connection import second_connection
from fleet_file import CheckedFleet
from operations.features import host_feature


def place_features(checked: CheckedFleet, host_name: str) -> None:
    """Each feature is as the fleet file says, or as if it had never been asked for."""
    orders = host_orders(checked.fleet, host_name, checked.on(host_name))
    reach = reaches(checked.fleet, checked.path, checked.sudo_passwords)[host_name]
    for feature in orders:
        host_feature(name=f"host {feature}", feature=feature, orders=orders, again=lambda: second_connection(reach))
