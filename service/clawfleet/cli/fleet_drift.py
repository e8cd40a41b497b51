"""`openclaw fleet drift`. The work is in `deploy/pyinfra/control`."""

from __future__ import annotations

from pathlib import Path

import click

from clawfleet.cli.fleet_hands import fleet_options, hand_over


@click.command(
    "drift",
    epilog="""\b
Examples:
  openclaw fleet drift --json""",
)
@fleet_options
def command(*, fleet: Path | None, limits: tuple[str, ...], as_json: bool) -> None:
    """Compare the hosts with the fleet file. Exit code 0: nothing differs; 2: something does; 1: not known."""
    hand_over("drift", fleet=fleet, limits=limits, as_json=as_json)
