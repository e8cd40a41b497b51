"""`openclaw fleet exec`. The work is in `deploy/pyinfra/control`."""

from __future__ import annotations

from pathlib import Path

import click

from clawfleet.cli.fleet_hands import fleet_options, hand_over


@click.command(
    "exec",
    epilog="""\b
Examples:
  openclaw fleet exec --limit edge-1/ops -- gateway status""",
)
@click.argument("words", nargs=-1, required=True, type=click.UNPROCESSED)
@fleet_options
def command(*, words: tuple[str, ...], fleet: Path | None, limits: tuple[str, ...], as_json: bool) -> None:
    """Run `openclaw WORDS…` on the host of one gateway, as its user and for it."""
    hand_over("exec", fleet=fleet, limits=limits, as_json=as_json, words=words)
