"""Where a value of the fleet file comes from: the gateway, its host, the host's groups in their order, `defaults`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clawfleet.fleet.models.base import Section
from clawfleet.fleet.models.fleet import Fleet
from clawfleet.fleet.overlay import deep_merge


def host_levels(fleet: Fleet, host_name: str) -> tuple[Section, ...]:
    """What holds for a host, the nearest first."""
    host = fleet.hosts[host_name]
    return (host, *(fleet.groups[name] for name in host.groups), fleet.defaults)


def gateway_levels(fleet: Fleet, host_name: str, name: str) -> tuple[Section, ...]:
    """What holds for a gateway, the nearest first."""
    return (fleet.hosts[host_name].gateways[name], *host_levels(fleet, host_name))


def first(levels: Sequence[Section], field: str, builtin: Any = None) -> Any:
    """The nearest value of a field that may be left out, `builtin` when no level has it."""
    given = (getattr(level, field, None) for level in levels)
    return next((value for value in given if value is not None), builtin)


def together(levels: Sequence[Section], field: str) -> dict[str, Any]:
    """The mappings of all levels laid over each other, the nearest on top."""
    merged: dict[str, Any] = {}
    for level in reversed(levels):
        merged = deep_merge(merged, getattr(level, field))
    return merged
