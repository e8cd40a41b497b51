"""`openclaw fleet rollback`. The work is in `deploy/pyinfra/control`."""

from __future__ import annotations

from pathlib import Path

import click

from clawfleet.cli.fleet_hands import fleet_options, hand_over


@click.command(
    "rollback",
    epilog="""\b
Examples:
  openclaw fleet rollback --limit edge-1""",
)
@click.option("--to", metavar="RELEASE", help="Release on the host, such as 1.4.0-0a1b2c3d.")
@click.option(
    "--restore-state", is_flag=True, help="Also the state of before the upgrade; what came since is put aside."
)
@fleet_options
def command(*, to: str | None, restore_state: bool, fleet: Path | None, limits: tuple[str, ...], as_json: bool) -> None:
    """Take gateways back to the release that they ran before. Config, secrets and state stay.

    If that release refuses the state that the newer one left, add --restore-state."""
    hand_over("rollback", fleet=fleet, limits=limits, as_json=as_json, to=to, restoreState=restore_state)
