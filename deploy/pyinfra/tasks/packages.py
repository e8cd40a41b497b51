"""Distribution packages that gateways and their service managers need."""

from __future__ import annotations

from collections.abc import Sequence

from pyinfra import host
from pyinfra.facts.deb import DebPackages
from pyinfra.operations import apt


def install_packages(wanted: Sequence[str]) -> None:
    """The missing packages, if any; a host that has them all contacts no package index."""
    present = host.get_fact(DebPackages) or {}
    missing = [package for package in wanted if package not in present]
    if missing:
        apt.packages(
            name=f"packages {' '.join(missing)}",
            packages=missing,
            update=True,
            cache_time=3600,
            no_recommends=True,
        )
