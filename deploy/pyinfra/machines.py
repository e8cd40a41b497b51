"""Which wheels a host can use, by what it says of itself: `3.11 Linux aarch64 2.36`. Nothing is run here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from operator_files import read_memory, write_whole
from wheelhouse import Wheelhouse

WORDS = (
    "import platform as p, sys; "
    "print('%d.%d' % sys.version_info[:2], p.system(), p.machine(), *p.libc_ver()[1:2] * (p.libc_ver()[0] == 'glibc'))"
)
"""What Python on a host is told to say: its version, the system, the machine, the C library where it is glibc."""


def fits(house: Wheelhouse, told: str) -> bool:
    """Whether a host that said so can use the wheels. On a Mac the Python that they want is brought."""
    python, system, machine, glibc = (*told.split(), *[""] * 4)[:4]
    if (house.system, house.machine) != (system, machine):
        return False
    return system == "Darwin" or (house.python == python and number(house.glibc) <= number(glibc))


def number(version: str) -> tuple[int, ...]:
    """A version to be compared; an empty one is the oldest."""
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def make_words(told: str) -> str:
    """The command that makes a wheelhouse for such a host."""
    python, system, machine, *_ = told.split()
    platform = f"macosx_14_0_{machine}" if system == "Darwin" else f"linux-{machine}"
    return f"make wheelhouse PLATFORM={platform} PY={python}"


def memory_path(fleet_path: Path) -> Path:
    """`fleet.machines.lock.json5`; remove a host's line to have it asked again."""
    return fleet_path.with_name(f"{fleet_path.stem}.machines.lock.json5")


def known_machines(fleet_path: Path) -> dict[str, str]:
    """Host → what it said of itself, as far as somebody had to ask. Raises FleetInvalidError."""
    return {host: str(told) for host, told in read_memory(memory_path(fleet_path)).items()}


def remember_machines(fleet_path: Path, told: Mapping[str, str]) -> None:
    """Adds what hosts answered."""
    found = dict(sorted((known_machines(fleet_path) | dict(told)).items()))
    write_whole(memory_path(fleet_path), json.dumps(found, indent=2) + "\n")
