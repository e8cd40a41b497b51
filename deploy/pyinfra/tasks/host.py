"""Everything that is done to one host, in order: what all gateways share, then one gateway after the other."""

from __future__ import annotations

from collections.abc import Sequence

from pyinfra import host

from clawfleet.fleet.instance import GatewayInstance
from fleet_file import CheckedFleet
from group_data.all import debian_packages, keep_releases
from layout import places_of
from operations.releases import pruned_releases
from tasks.backups import place_backups
from tasks.gateway import place_gateway
from tasks.macs import prepare_mac
from tasks.packages import install_packages
from tasks.release import install_command, install_release, place_scripts
from tasks.tunnels import place_tunnels
from tasks.users import prepare_users
from wheelhouses import newest


def prepare_host(checked: CheckedFleet, instances: Sequence[GatewayInstance]) -> None:
    """Packages, users, scripts, the release beside the one in use. No running gateway notices."""
    places, houses = places_of(instances[0]), checked.wheelhouses_of(instances)
    if instances[0].os == "darwin":
        prepare_mac(instances, places, newest(houses).python)
    else:
        install_packages(debian_packages)
        prepare_users(instances)
    place_scripts(places)
    mine = {house.release: house for house in houses}
    for release in host.loop([house.release for house in checked.wheelhouses_of(checked.instances)]):  # type: ignore[no-untyped-call]
        if release in mine:
            install_release(mine[release], places)


def place_gateways(checked: CheckedFleet, instances: Sequence[GatewayInstance]) -> None:
    """One gateway after the other, each held to the gate before the next; then the command, and old releases go."""
    mine = {instance.name: instance for instance in instances}
    # The loop is over all names of the fleet: pyinfra runs what stands at the same place on all hosts as one
    # operation, and gateways of different names must not be mixed up in its results.
    for name in host.loop(checked.names()):  # type: ignore[no-untyped-call]
        if name in mine:
            place_gateway(checked, mine[name])
            if mine[name].os == "linux":
                place_backups(mine[name], checked.fleet.rollout)
    all_here = checked.on(host.data.fleet_host)
    places = places_of(all_here[0])
    if all_here[0].os == "linux":
        place_tunnels(checked.fleet, all_here[0].host, all_here)
    install_command(newest(checked.wheelhouses_of(all_here)), places)
    pruned_releases(name="old releases", keep=keep_releases, places=places)
