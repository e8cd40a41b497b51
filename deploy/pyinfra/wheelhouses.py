"""The releases that can be deployed: the wheelhouse, and those that are kept in directories of their own below it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from clawfleet.fleet.models.host import System
from clawfleet.fleet.problems import FleetInvalidError, Problem
from machines import fits
from wheelhouse import MANIFEST, Wheelhouse, read_manifest, read_wheelhouse


@dataclass(frozen=True)
class Wheelhouses:
    """What lies in `directory`, the newest first; the one that `make wheelhouse` made last comes before all."""

    directory: Path
    found: tuple[Wheelhouse, ...]

    def pick(self, wanted: str | None, system: System = "linux", machine: str = "") -> Wheelhouse:
        """The newest, or the newest of that version, or that very release (`0.2.0-1a2b3c4d`); its archive is sound.

        One that a host can use which said `machine` of itself comes first, then one for its system; whether another
        one fits after all is what the host says. Raises FleetInvalidError when there is none.
        """
        if house := self.name(wanted, system, machine):
            return read_wheelhouse(house.directory)
        if not self.found:
            return read_wheelhouse(self.directory)
        message = f"no wheelhouse in {self.directory} holds release {wanted}: {', '.join(self.releases)}"
        hint = "check out that version and run `make wheelhouse`; the releases made before are kept beside it"
        raise FleetInvalidError(str(self.directory), [Problem("wheelhouse", message, hint)])

    def name(self, wanted: str | None, system: System = "linux", machine: str = "") -> Wheelhouse | None:
        """The one that `pick` would give, not looked into."""
        named = [house for house in self.found if wanted in {None, house.version, house.release}]

        def is_worse(house: Wheelhouse) -> tuple[bool, bool]:
            return not (machine and fits(house, machine)), house.system.lower() != system

        return min(named, key=is_worse, default=None)

    def is_a_choice(self, system: System) -> bool:
        """Whether hosts of one system have to be asked which wheels they can use."""
        return len({house.platform for house in self.found if house.system.lower() == system}) > 1

    @property
    def releases(self) -> list[str]:
        """The names of all of them."""
        return [house.release for house in self.found]


def read_wheelhouses(directory: Path) -> Wheelhouses:
    """Every wheelhouse in `directory` and right below it; damage is found when one is picked."""
    below = sorted(directory.glob(f"*/{MANIFEST}"), key=lambda path: path.stat().st_mtime, reverse=True)
    places = [directory, *(manifest.parent for manifest in below)]
    return Wheelhouses(directory, tuple(read_manifest(place) for place in places if (place / MANIFEST).is_file()))


def newest(houses: Sequence[Wheelhouse]) -> Wheelhouse:
    """The one of the highest version."""
    return max(houses, key=lambda house: [int(part) for part in re.findall(r"\d+", house.version)])
