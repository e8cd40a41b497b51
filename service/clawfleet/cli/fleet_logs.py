"""`openclaw fleet logs`. The work is in `deploy/pyinfra/control`."""

from __future__ import annotations

from pathlib import Path

import click

from clawfleet.cli.fleet_hands import fleet_options, hand_over


@click.command(
    "logs",
    epilog="""\b
Examples:
  openclaw fleet logs --limit edge-1/ops --follow""",
)
@click.option("--lines", type=click.IntRange(1), default=100, help="How many lines.")
@click.option("--follow", is_flag=True, help="Go on with what comes.")
@fleet_options
def command(*, lines: int, follow: bool, fleet: Path | None, limits: tuple[str, ...], as_json: bool) -> None:
    """Show the log of one gateway, from its host's journal."""
    hand_over("logs", fleet=fleet, limits=limits, as_json=as_json, lines=lines, follow=follow)
