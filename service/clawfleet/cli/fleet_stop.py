"""`openclaw fleet stop`. The work is in `deploy/pyinfra/control`."""

from __future__ import annotations

from pathlib import Path

import click

from clawfleet.cli.fleet_hands import fleet_options, hand_over


@click.command(
    "stop",
    epilog="""\b
Examples:
  openclaw fleet stop --limit edge-1/ops""",
)
@fleet_options
def command(*, fleet: Path | None, limits: tuple[str, ...], as_json: bool) -> None:
    """Stop gateways; running turns end first.

    A stopped gateway comes back when its host boots or is deployed to: `enabled: false` in the fleet file keeps it
    stopped. To restart one, use `restart`: it never leaves it stopped."""
    hand_over("stop", fleet=fleet, limits=limits, as_json=as_json)
