"""`openclaw fleet backup`. The work is in `deploy/pyinfra/control`."""

from __future__ import annotations

from pathlib import Path

import click

from clawfleet.cli.fleet_hands import fleet_options, hand_over


@click.command(
    "backup",
    epilog="""\b
Examples:
  openclaw fleet backup --pull backups""",
)
@click.option("--pull", metavar="DIR", type=click.Path(path_type=Path), help="Bring the archives to this machine too.")
@click.option("--keep", type=click.IntRange(1), help="How many stay on the host. Unset: 14.")
@fleet_options
def command(*, pull: Path | None, keep: int | None, fleet: Path | None, limits: tuple[str, ...], as_json: bool) -> None:
    """Make a verified archive of each gateway on its host; the gateways may run meanwhile."""
    hand_over("backup", fleet=fleet, limits=limits, as_json=as_json, pull=str(pull) if pull else None, keep=keep)
