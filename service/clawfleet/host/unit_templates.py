"""Finds the unit templates: inside an installed package, or in the source checkout that this package runs from."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from clawfleet.core.errors import HostError
from clawfleet.host.units import template_name

_HERE = Path(__file__).resolve().parent
_PLACES = (_HERE / "templates" / "systemd", _HERE.parents[2] / "deploy" / "systemd")


class TemplateMissingError(HostError):
    """The installation has no unit templates."""

    code = "UNIT_TEMPLATE_MISSING"


def read_unit_template(scope: Literal["user", "system"], places: tuple[Path, ...] = _PLACES) -> str:
    """The template's text for a scope, from the first place that has it. Raises TemplateMissingError."""
    for place in places:
        path = place / template_name(scope)
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise TemplateMissingError(
        f"no unit template {template_name(scope)} in {' or '.join(str(place) for place in places)}",
        hint="install clawfleet again, or run it from a complete checkout",
    )
