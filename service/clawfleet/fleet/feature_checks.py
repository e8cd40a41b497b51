"""What is to be said about Docker, sandboxes and the firewall of a host before anybody is contacted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from clawfleet.fleet.features import features_of, is_sandboxed, sandbox_images
from clawfleet.fleet.instance import GatewayInstance
from clawfleet.fleet.models.fleet import Fleet
from clawfleet.fleet.problems import Problem


def find_feature_problems(fleet: Fleet, instances: Sequence[GatewayInstance]) -> list[Problem]:
    """Who becomes as good as root, whose image is not brought, whom the firewall shuts off."""
    found: list[Problem] = []
    for host in fleet.hosts:
        mine = [item for item in instances if item.host == host]
        if any(item.os == "darwin" for item in mine):
            found += _left_out(fleet, host)
            continue
        found += [*_docker(fleet, host, mine), *_images(fleet, host, mine), *_shut_off(fleet, host, mine)]
    return found


def _left_out(fleet: Fleet, host: str) -> Iterator[Problem]:
    asked = features_of(fleet, host)
    names = [
        name
        for name in ("docker", "sandbox", "firewall", "ssh", "journal", "updates")
        if getattr(asked, name) is not None
    ]
    if names:
        message = f"{host} is a Mac: {', '.join(names)} of the fleet file are for Linux and left out there"
        yield Problem("os", message, "put them into a group of Linux hosts", "warning")


def _docker(fleet: Fleet, host: str, instances: Sequence[GatewayInstance]) -> Iterator[Problem]:
    sandboxed = [item for item in instances if is_sandboxed(item)]
    if not sandboxed:
        return
    users = sorted({item.os_user for item in sandboxed})
    tenants = sorted({item.tenant for item in sandboxed if item.tenant})
    message = f"{host}: {', '.join(users)} may use Docker there, and who may is as good as root on that host"
    hint = "sandboxes hold an agent's tools, not its gateway"
    if len(tenants) > 1:
        hint = f"give {' and '.join(tenants)} hosts of their own: with Docker one OS user is no wall for another"
    yield Problem("docker", message, hint, "warning")


def _images(fleet: Fleet, host: str, instances: Sequence[GatewayInstance]) -> Iterator[Problem]:
    brought = features_of(fleet, host).sandbox
    if brought is None:
        return
    for item in instances:
        others = [image for image in sandbox_images(item) if image != brought.image]
        if is_sandboxed(item) and others:
            message = f"{item.id}: its sandboxes are made of {', '.join(others)}, the fleet brings {brought.image}"
            yield Problem("sandbox", message, "name it in `sandbox.image`, or bring the other one yourself", "warning")


def _shut_off(fleet: Fleet, host: str, instances: Sequence[GatewayInstance]) -> Iterator[Problem]:
    firewall = features_of(fleet, host).firewall
    if firewall is None or firewall.gateways_from:
        return
    for item in instances:
        if item.bind not in {"loopback", "tailnet"}:
            message = f"{item.id} binds to {item.bind}, and the firewall of {host} lets nobody in"
            yield Problem("firewall", message, "name who may reach it: `firewall: {gatewaysFrom: [...]}`", "warning")
