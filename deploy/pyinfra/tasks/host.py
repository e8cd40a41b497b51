"""Everything that is done to one host, in order: what all gateways share, then one gateway after the other."""

from __future__ import annotations

from collections.abc import Sequence

from pyinfra import host

from clawfleet.fleet.features import features_of
from clawfleet.fleet.instance import GatewayInstance
from fleet_file import CheckedFleet
from group_data.all import keep_releases
from layout import places_of
from operations.releases import pruned_releases
from tasks.backups import place_backups
from tasks.docker import bring_image, prepare_docker, prune_images, refresh_sandboxes, renew_managers
from tasks.features import place_features
from tasks.gateway import place_gateway
from tasks.mac_jobs import place_mac_backups, place_mac_tunnels
from tasks.macs import prepare_mac
from tasks.packages import install_packages
from tasks.release import install_command, install_release, place_scripts
from tasks.tailscale import place_routes, prepare_tailscale
from tasks.tunnels import place_tunnels
from tasks.users import prepare_users
from wheelhouses import newest


def prepare_host(checked: CheckedFleet, instances: Sequence[GatewayInstance]) -> None:
    """Packages, users, scripts, the release beside the one in use. No running gateway notices."""
    here: str = host.data.fleet_host
    places, houses = places_of(instances[0]), checked.wheelhouses_of(instances)
    if instances[0].os == "darwin":
        prepare_mac(instances, places, newest(houses).python)
    else:
        asked = features_of(checked.fleet, here)
        prepare_docker(asked, install_packages(asked))
        prepare_users(instances, asked)
        prepare_tailscale(checked, here)
    place_scripts(places)
    mine = {house.release: house for house in houses}
    for release in host.loop([house.release for house in checked.wheelhouses_of(checked.instances)]):  # type: ignore[no-untyped-call]
        if release in mine:
            install_release(mine[release], places)
    if instances[0].os == "linux":
        bring_image(checked, here)


def place_gateways(checked: CheckedFleet, instances: Sequence[GatewayInstance]) -> None:
    """One gateway after the other, each held to the gate before the next; then the command, and old releases go."""
    all_here = checked.on(host.data.fleet_host)
    on_linux = all_here[0].os == "linux"
    if on_linux:
        before_gateways(checked, all_here)
    mine = {instance.name: instance for instance in instances}
    # The loop is over all names of the fleet: pyinfra runs what stands at the same place on all hosts as one
    # operation, and gateways of different names must not be mixed up in its results.
    for name in host.loop(checked.names()):  # type: ignore[no-untyped-call]
        if name in mine:
            place_gateway(checked, mine[name])
            if not on_linux:
                place_mac_backups(mine[name], checked.fleet.rollout)
            else:
                place_backups(mine[name], checked.fleet.rollout)
                refresh_sandboxes(checked, mine[name])
    places = places_of(all_here[0])
    if not on_linux:
        place_mac_tunnels(checked.fleet, all_here[0])
    else:
        place_tunnels(checked.fleet, all_here[0].host, all_here)
        prune_images(checked, all_here[0].host)
        place_routes(all_here)
    install_command(newest(checked.wheelhouses_of(all_here)), places)
    pruned_releases(name="old releases", keep=keep_releases, places=places)


def before_gateways(checked: CheckedFleet, all_here: Sequence[GatewayInstance]) -> None:
    """What is asked of the host itself, one host after the other as gateways are: it may bar the way to it."""
    here = all_here[0].host
    place_features(checked, here)
    renew_managers(features_of(checked.fleet, here), all_here)
