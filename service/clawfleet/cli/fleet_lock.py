"""`openclaw fleet lock`. The work is in `deploy/pyinfra/control`."""

from __future__ import annotations

from pathlib import Path

import click

from clawfleet.cli.fleet_hands import fleet_options, hand_over


@click.command(
    "lock",
    epilog="""\b
Examples:
  openclaw fleet lock --release""",
)
@click.option("--release", is_flag=True, help="Give the locks back, whoever holds them.")
@fleet_options
def command(*, release: bool, fleet: Path | None, limits: tuple[str, ...], as_json: bool) -> None:
    """Say who holds the deploy lock of each host. Exit code 4 when somebody does."""
    hand_over("lock", fleet=fleet, limits=limits, as_json=as_json, release=release)
