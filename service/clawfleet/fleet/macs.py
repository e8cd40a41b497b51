"""What a Mac cannot do, or would do otherwise than the fleet file says. Source: deploy §4.3."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from clawfleet.fleet.instance import GatewayInstance
from clawfleet.fleet.launchd_calendar import start_calendar_interval
from clawfleet.fleet.models.base import Section
from clawfleet.fleet.models.fleet import Fleet
from clawfleet.fleet.problems import Problem
from clawfleet.fleet.systems import is_rootless, system_of

_RESERVED = frozenset({"gateway", "node"})
_LIMITS = {"memory_max": "memoryMax", "cpu_quota": "cpuQuota", "tasks_max": "tasksMax", "hardening": "hardening"}
_SYNCED = ("Desktop", "Documents", "Library/Mobile Documents", "Library/CloudStorage")


def find_mac_problems(fleet: Fleet, instances: Sequence[GatewayInstance]) -> list[Problem]:
    """Every finding about hosts with macOS."""
    found: list[Problem] = []
    for name in fleet.hosts:
        if system_of(fleet, name) == "darwin":
            mine = [item for item in instances if item.host == name]
            found += _host(fleet, name, mine)
            for item in mine:
                found += [*_names(item), *_places(item), *_limits(fleet, item), *_backups(item)]
    return found


def _host(fleet: Fleet, name: str, mine: Sequence[GatewayInstance]) -> Iterator[Problem]:
    host = fleet.hosts[name]
    users = sorted({item.os_user for item in mine})
    if "root" in users or (is_rootless(fleet, name) and users != [host.connect.user]):
        yield Problem(
            "mac",
            f"{name}: gateways of {', '.join(users)}, and the login user is {host.connect.user}: on macOS a gateway is "
            "an agent of the one who logs in",
            "set connect.user to that user and leave osUser out, or use `service: system` with an osUser that exists",
        )
    if host.tunnel_keys:
        message = f"{name}: tunnelKeys need a user of their own, and users of a Mac are never made"
        yield Problem("mac", message, "let people in as the login user: openclaw fleet tunnel")


def _names(item: GatewayInstance) -> Iterator[Problem]:
    if item.profile in _RESERVED:
        message = f"{item.id}: no service of macOS can have the profile {item.profile}: ai.openclaw.{item.profile} is "
        yield Problem("A4", f"{message}the label of another", "give the gateway another `profile`")


def _places(item: GatewayInstance) -> Iterator[Problem]:
    for path in dict.fromkeys((item.state_dir, item.workspace)):
        if any(path.startswith(f"{item.home}/{place}/") for place in _SYNCED):
            hint = "set stateDir and workspace to places outside of Desktop, Documents and iCloud"
            yield Problem("mac", f"{item.id}: {path} may be synchronized by iCloud, which breaks databases", hint)
        elif path.startswith("/Volumes/"):
            message = f"{item.id}: {path} is on another volume; launchd may start the gateway before it is there"
            yield Problem("mac", message, "use the startup volume", "warning")


def _limits(fleet: Fleet, item: GatewayInstance) -> Iterator[Problem]:
    host = fleet.hosts[item.host]
    own: tuple[Section, ...] = (host.gateways[item.name], host)
    said = [key for field, key in _LIMITS.items() if any(getattr(level, field) is not None for level in own)]
    if said:
        message = f"{item.id}: launchd has nothing like {', '.join(said)}: no effect on macOS"
        yield Problem("mac", message, "leave it out on this host", "warning")


def _backups(item: GatewayInstance) -> Iterator[Problem]:
    if item.backup and start_calendar_interval(item.backup.at) is None:
        message = f"{item.id}: launchd cannot express the calendar event {item.backup.at!r}"
        yield Problem("mac", message, "use daily, hourly, weekly, monthly, 03:30, Mon 04:00 or *-*-01 05:00")
