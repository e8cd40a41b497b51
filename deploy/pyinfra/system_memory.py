"""Which system the hosts have that the fleet file calls `os: auto`: asked once, kept beside the fleet file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from clawfleet.fleet.models.host import System
from operator_files import read_memory, write_whole


def memory_path(fleet_path: Path) -> Path:
    """`fleet.os.lock.json5`; remove a host's line to have it asked again."""
    return fleet_path.with_name(f"{fleet_path.stem}.os.lock.json5")


def known_systems(fleet_path: Path) -> dict[str, System]:
    """Host → its system, as far as somebody asked. Raises FleetInvalidError."""
    found = read_memory(memory_path(fleet_path))
    return {host: system for host, system in found.items() if system in get_args(System)}


def remember_systems(fleet_path: Path, told: Mapping[str, System]) -> None:
    """Adds what hosts answered."""
    found = dict(sorted((known_systems(fleet_path) | dict(told)).items()))
    write_whole(memory_path(fleet_path), json.dumps(found, indent=2) + "\n")
