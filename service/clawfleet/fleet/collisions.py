"""Two gateways that would get in each other's way on a host: ports, directories, units. Checks A1-A4 of deploy §5."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, groupby

from clawfleet.config.ports import PORT_STEP
from clawfleet.fleet.instance import GatewayInstance
from clawfleet.fleet.models.base import is_gateway_name
from clawfleet.fleet.overlay import value_at
from clawfleet.fleet.ports import EPHEMERAL, LAST_DERIVED, overlap
from clawfleet.fleet.problems import Problem


def find_collisions(instances: Sequence[GatewayInstance]) -> list[Problem]:
    """Every collision between gateways of one host, whoever owns them: loopback and disk are shared by all users."""
    problems = [problem for item in instances for problem in (*_ephemeral(item), *_profile(item))]
    for _, group in groupby(instances, key=lambda item: item.host):
        for pair in combinations([_compared(item) for item in group], 2):
            problems += [*_ports(*pair), *_state_dirs(*pair), *_configs(*pair), *_workspaces(*pair), *_units(*pair)]
    return problems


def _compared(item: GatewayInstance) -> GatewayInstance:
    """On a Mac, names of files that differ only in upper case are the same file."""
    if item.os != "darwin":
        return item
    paths = {name: getattr(item, name).lower() for name in ("state_dir", "config_path", "workspace")}
    return replace(item, **paths)


def _ports(one: GatewayInstance, other: GatewayInstance) -> Iterator[Problem]:
    if one.port == other.port:
        yield Problem(
            "A1",
            f"port {one.port} is used by both {one.id} and {other.id}",
            f"give one of them another port, {PORT_STEP} apart, or leave `port` out to have one allocated",
        )
    elif overlap(one.port, other.port):
        yield Problem(
            "A2",
            f"the derived ports of {one.id} ({_range(one)}) and {other.id} ({_range(other)}) overlap",
            f"keep ports {PORT_STEP} apart; matters as soon as one of them drives a browser",
            "error" if drives_browser(one) or drives_browser(other) else "warning",
        )


def drives_browser(item: GatewayInstance) -> bool:
    """Whether the gateway takes the ports that are derived from its own."""
    return value_at(item.config, "browser.enabled") is True


def _range(item: GatewayInstance) -> str:
    return f"{item.port}-{item.port + LAST_DERIVED}"


def _ephemeral(item: GatewayInstance) -> Iterator[Problem]:
    if item.port in EPHEMERAL:
        yield Problem(
            "ports",
            f"port {item.port} of {item.id} lies where Linux picks ports for outgoing connections",
            f"choose a port below {EPHEMERAL.start}",
            "warning",
        )


def _profile(item: GatewayInstance) -> Iterator[Problem]:
    """Names of before the fleet may have more in them, where files tell upper case from lower."""
    if is_gateway_name(item.profile):
        return
    if not item.adopt:
        message = (
            f"{item.id}: a new profile is lower-case letters, digits and dashes, at most 40; {item.profile} is not"
        )
        yield Problem("A4", message, "rename it, or say `adopt: true` if that gateway is there already")
    elif item.os == "darwin" and item.profile != item.profile.lower():
        message = f"{item.id}: the profile {item.profile} would be that of another name in lower case on macOS"
        yield Problem("A4", message, "choose a profile in lower case")


def _state_dirs(one: GatewayInstance, other: GatewayInstance) -> Iterator[Problem]:
    if one.state_dir == other.state_dir:
        yield Problem("A3", f"state dir {one.state_dir} is used by both {one.id} and {other.id}", _own("stateDir"))
    for inner, outer in ((one, other), (other, one)):
        if _inside(inner.state_dir, outer.state_dir):
            yield Problem(
                "A3",
                f"state dir {inner.state_dir} of {inner.id} lies inside state dir {outer.state_dir} of {outer.id}",
                _own("stateDir"),
            )
        if _inside(inner.state_dir, outer.workspace) or inner.state_dir == outer.workspace:
            yield Problem(
                "A3",
                f"state dir {inner.state_dir} of {inner.id} lies inside workspace {outer.workspace} of {outer.id}: "
                "the agents of the one could read the secrets of the other",
                _own("workspace"),
            )


def _configs(one: GatewayInstance, other: GatewayInstance) -> Iterator[Problem]:
    if one.config_path == other.config_path:
        yield Problem("A3", f"config {one.config_path} is used by both {one.id} and {other.id}", _own("configPath"))


def _workspaces(one: GatewayInstance, other: GatewayInstance) -> Iterator[Problem]:
    if one.workspace == other.workspace:
        yield Problem("A3", f"workspace {one.workspace} is used by both {one.id} and {other.id}", _own("workspace"))
    for inner, outer in ((one, other), (other, one)):
        if _inside(inner.workspace, outer.workspace):
            yield Problem(
                "A3",
                f"workspace {inner.workspace} of {inner.id} lies inside workspace {outer.workspace} of {outer.id}",
                _own("workspace"),
            )
        if _inside(inner.workspace, outer.state_dir) and inner.state_dir != outer.state_dir:
            yield Problem(
                "A3",
                f"workspace {inner.workspace} of {inner.id} lies inside state dir {outer.state_dir} of {outer.id}",
                "put it below its own state dir; removing the other gateway would take it along",
                "warning",
            )


def _units(one: GatewayInstance, other: GatewayInstance) -> Iterator[Problem]:
    if (one.unit_dir, one.unit) == (other.unit_dir, other.unit):
        yield Problem(
            "A4",
            f"unit {one.unit} in {one.unit_dir} is used by both {one.id} and {other.id}",
            "give each its own `profile`; the unit is named after it",
        )


def _own(key: str) -> str:
    return f"set `{key}` of one of them, or leave it out: the default follows the profile"


def _inside(inner: str, outer: str) -> bool:
    return inner.startswith(f"{outer}/")
