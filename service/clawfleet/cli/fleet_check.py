"""`openclaw fleet check`. The work is in `deploy/pyinfra/control`."""

from __future__ import annotations

from pathlib import Path

import click

from clawfleet.cli.fleet_hands import fleet_options, hand_over


@click.command(
    "check",
    epilog="""\b
Examples:
  openclaw fleet check --fleet fleet.json5""",
)
@fleet_options
def command(*, fleet: Path | None, limits: tuple[str, ...], as_json: bool) -> None:
    """Check the fleet file: names, ports, directories, tokens, secrets, configs.

    Exit code 3 when it cannot be deployed. Nothing is written and no host is contacted."""
    hand_over("check", fleet=fleet, limits=limits, as_json=as_json)
