"""Which operating system a host has, and what follows from it: who the gateways run as, and whether root is needed."""

from __future__ import annotations

from collections.abc import Mapping

from clawfleet.fleet.levels import first, host_levels
from clawfleet.fleet.models.fleet import Fleet
from clawfleet.fleet.models.host import System

DEFAULT_OS_USER = "openclaw"


def system_of(fleet: Fleet, host_name: str) -> System:
    """What the fleet file says, Linux when it says nothing or nobody has asked the host yet."""
    return "darwin" if first(host_levels(fleet, host_name), "os") == "darwin" else "linux"


def unasked(fleet: Fleet) -> list[str]:
    """Hosts that have to be asked which system they have."""
    return [name for name in fleet.hosts if first(host_levels(fleet, name), "os") == "auto"]


def settled(fleet: Fleet, known: Mapping[str, System]) -> Fleet:
    """The fleet with the answers of hosts that were asked in place of `auto`."""
    told = {name: fleet.hosts[name].model_copy(update={"os": known[name]}) for name in unasked(fleet) if name in known}
    return fleet.model_copy(update={"hosts": fleet.hosts | told}) if told else fleet


def is_rootless(fleet: Fleet, host_name: str) -> bool:
    """Whether everything on the host belongs to its login user: a Mac whose gateways are that user's agents."""
    return system_of(fleet, host_name) == "darwin" and first(host_levels(fleet, host_name), "service") != "system"


def default_os_user(fleet: Fleet, host_name: str) -> str:
    """Who gateways run as when nobody says: a user that is made for them; on a Mac the one who logs in there."""
    return fleet.hosts[host_name].connect.user if system_of(fleet, host_name) == "darwin" else DEFAULT_OS_USER
