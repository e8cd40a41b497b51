"""`openclaw fleet start`. The work is in `deploy/pyinfra/control`."""

from __future__ import annotations

from pathlib import Path

import click

from clawfleet.cli.fleet_hands import fleet_options, hand_over


@click.command(
    "start",
    epilog="""\b
Examples:
  openclaw fleet start --limit edge-1/ops""",
)
@fleet_options
def command(*, fleet: Path | None, limits: tuple[str, ...], as_json: bool) -> None:
    """Start gateways that were stopped, one after the other, each held to the gate."""
    hand_over("start", fleet=fleet, limits=limits, as_json=as_json)
