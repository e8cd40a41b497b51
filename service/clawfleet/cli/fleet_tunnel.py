"""`openclaw fleet tunnel`. The work is in `deploy/pyinfra/control`."""

from __future__ import annotations

from pathlib import Path

import click

from clawfleet.cli.fleet_hands import fleet_options, hand_over


@click.command(
    "tunnel",
    epilog="""\b
Examples:
  openclaw fleet tunnel edge-1/ops""",
)
@click.argument("gateway", required=False)
@click.option("--port", type=click.IntRange(1, 65535), help="Local port. Unset: a free one.")
@fleet_options
def command(
    *, gateway: str | None, port: int | None, fleet: Path | None, limits: tuple[str, ...], as_json: bool
) -> None:
    """Open a gateway's port on this machine over ssh, and print its address. Ctrl+C closes it.

    GATEWAY is host/gateway, the same as --limit."""
    hand_over("tunnel", fleet=fleet, limits=(*limits, gateway) if gateway else limits, as_json=as_json, port=port)
