"""`openclaw fleet restore`. The work is in `deploy/pyinfra/control`."""

from __future__ import annotations

from pathlib import Path

import click

from clawfleet.cli.fleet_hands import fleet_options, hand_over


@click.command(
    "restore",
    epilog="""\b
Examples:
  openclaw fleet restore backups/edge-1/ops/NAME.tar.gz --limit edge-2/ops""",
)
@click.argument("archive", type=click.Path(path_type=Path))
@fleet_options
def command(*, archive: Path, fleet: Path | None, limits: tuple[str, ...], as_json: bool) -> None:
    """Put a pulled ARCHIVE into one gateway that is deployed. What is replaced is kept beside it."""
    hand_over("restore", fleet=fleet, limits=limits, as_json=as_json, archive=str(archive))
