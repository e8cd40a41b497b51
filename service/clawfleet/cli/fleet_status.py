"""`openclaw fleet status`. The work is in `deploy/pyinfra/control`."""

from __future__ import annotations

from pathlib import Path

import click

from clawfleet.cli.fleet_hands import fleet_options, hand_over


@click.command(
    "status",
    epilog="""\b
Examples:
  openclaw fleet status --json""",
)
@click.option("--wide", is_flag=True, help="Also the unit, whether it lives, fingerprints of token and sandbox image.")
@fleet_options
def command(*, wide: bool, fleet: Path | None, limits: tuple[str, ...], as_json: bool) -> None:
    """Show how every gateway is. Exit code 0: all are ready; 2: some are not; 1: a host does not answer."""
    hand_over("status", fleet=fleet, limits=limits, as_json=as_json, wide=wide)
