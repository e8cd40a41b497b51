"""Finds the service templates: inside an installed package, or in the source checkout that this package runs from."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from clawfleet.core.errors import HostError
from clawfleet.host.units import template_name

_HERE = Path(__file__).resolve().parent
_PLACES = (_HERE / "templates", _HERE.parents[2] / "deploy")


class TemplateMissingError(HostError):
    """The installation has no service templates."""

    code = "UNIT_TEMPLATE_MISSING"


def read_unit_template(scope: Literal["user", "system"], places: tuple[Path, ...] = _PLACES) -> str:
    """The systemd template of a scope, from the first place that has it. Raises TemplateMissingError."""
    return _found(f"systemd/{template_name(scope)}", places).decode()


def read_plist_template(scope: Literal["user", "system"], places: tuple[Path, ...] = _PLACES) -> bytes:
    """The launchd template of an agent (user) or daemon (system). Raises TemplateMissingError."""
    return _found(f"launchd/openclaw-gateway.{'agent' if scope == 'user' else 'daemon'}.plist", places)


def _found(name: str, places: tuple[Path, ...]) -> bytes:
    for place in places:
        path = place / name
        if path.is_file():
            return path.read_bytes()
    raise TemplateMissingError(
        f"no service template {name} in {' or '.join(str(place) for place in places)}",
        hint="install clawfleet again, or run it from a complete checkout",
    )
