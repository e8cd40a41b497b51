"""`openclaw fleet deploy`. The work is in `deploy/pyinfra/control`."""

from __future__ import annotations

from pathlib import Path

import click

from clawfleet.cli.fleet_hands import fleet_options, hand_over


@click.command(
    "deploy",
    epilog="""\b
Examples:
  openclaw fleet deploy --limit edge-1/ops""",
)
@fleet_options
def command(*, fleet: Path | None, limits: tuple[str, ...], as_json: bool) -> None:
    """Make the hosts what the fleet file says.

    Hosts are changed in order, a canary first, and each gateway is held to a gate. One that fails runs as before
    again, and the rollout stops there (exit code 5). 1: a host failed. 3: the fleet file. 4: somebody else deploys."""
    hand_over("deploy", fleet=fleet, limits=limits, as_json=as_json)
