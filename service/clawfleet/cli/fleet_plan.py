"""`openclaw fleet plan`. The work is in `deploy/pyinfra/control`."""

from __future__ import annotations

from pathlib import Path

import click

from clawfleet.cli.fleet_hands import fleet_options, hand_over


@click.command(
    "plan",
    epilog="""\b
Examples:
  openclaw fleet plan --limit edge-1""",
)
@fleet_options
def command(*, fleet: Path | None, limits: tuple[str, ...], as_json: bool) -> None:
    """Show what a deploy would change, by host, gateway and step. Nothing is changed."""
    hand_over("plan", fleet=fleet, limits=limits, as_json=as_json)
