"""`openclaw fleet uninstall`. The work is in `deploy/pyinfra/control`."""

from __future__ import annotations

from pathlib import Path

import click

from clawfleet.cli.fleet_hands import fleet_options, hand_over


@click.command(
    "uninstall",
    epilog="""\b
Examples:
  openclaw fleet uninstall --limit edge-2 --purge --yes""",
)
@click.option("--purge", is_flag=True, help="State, workspaces, backups and users too.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@fleet_options
def command(*, purge: bool, yes: bool, fleet: Path | None, limits: tuple[str, ...], as_json: bool) -> None:
    """Remove gateways, and with the last one of a host everything that a deploy brought there."""
    hand_over("uninstall", fleet=fleet, limits=limits, as_json=as_json, purge=purge, yes=yes)
