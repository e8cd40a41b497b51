"""What the command line asked for, and how the answer is printed: tables and words for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clawfleet.core.errors import GatewayError
from clawfleet.core.text import printable
from clawfleet.fleet.instance import GatewayInstance
from clawfleet.fleet.models.fleet import Fleet
from clawfleet.fleet.selection import selected
from control.reach import Reach, reaches
from fleet_file import fleet_files, read_fleet, sudo_passwords
from settings import Settings


@dataclass(frozen=True)
class Order:
    """One command line. `options` holds what only its verb knows."""

    verb: str
    fleet: Path | None = None
    limits: tuple[str, ...] = ()
    as_json: bool = False
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """The fleet file or directory: as named, by CLAWFLEET_FLEET, or `fleet.json5` here or beside the recipes."""
        if self.fleet is not None:
            return self.fleet.absolute()
        here = Path("fleet.json5").absolute()
        named = Settings().fleet
        return here if fleet_files(here) and not fleet_files(named) else named


@dataclass(frozen=True)
class Chosen:
    """The gateways that a command is about, and how their hosts are reached. No secret of a gateway is known."""

    path: Path
    fleet: Fleet
    instances: tuple[GatewayInstance, ...]
    reach: dict[str, Reach]

    def by_host(self) -> dict[str, list[GatewayInstance]]:
        """Host → its chosen gateways, hosts sorted."""
        hosts = sorted({item.host for item in self.instances})
        return {host: [item for item in self.instances if item.host == host] for host in hosts}


def chosen(order: Order) -> Chosen:
    """The gateways meant. Raises FleetInvalidError, NothingSelectedError."""
    fleet, instances = read_fleet(order.path)
    items = selected(instances, order.limits)
    passwords = sudo_passwords(order.path, fleet, {item.host for item in items})
    return Chosen(order.path, fleet, items, reaches(fleet, order.path, passwords))


def say(*lines: str) -> None:
    """Progress, for people, on standard error. A host's words are shown as they are and move no cursor."""
    for line in lines:
        print(printable(line), file=sys.stderr, flush=True)


def complain(error: GatewayError) -> None:
    """A failure in the words of the command line."""
    say(f"✗ {error.message}", *(f"  {line}" for line in (error.hint or "").splitlines()))


def print_json(value: Any) -> None:
    """One document on standard output."""
    print(json.dumps(value, indent=2, ensure_ascii=False), flush=True)


def print_table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Columns as wide as they need to be."""
    cells = [[printable(str(cell)) for cell in row] for row in (heads, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    for row in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip(), flush=True)
