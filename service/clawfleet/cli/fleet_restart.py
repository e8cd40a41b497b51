"""`openclaw fleet restart`. The work is in `deploy/pyinfra/control`."""

from __future__ import annotations

from pathlib import Path

import click

from clawfleet.cli.fleet_hands import fleet_options, hand_over


@click.command(
    "restart",
    epilog="""\b
Examples:
  openclaw fleet restart --limit edge-1/ops""",
)
@fleet_options
def command(*, fleet: Path | None, limits: tuple[str, ...], as_json: bool) -> None:
    """Restart gateways one after the other; stop at the first that does not come back."""
    hand_over("restart", fleet=fleet, limits=limits, as_json=as_json)
