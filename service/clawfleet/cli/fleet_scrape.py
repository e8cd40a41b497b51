"""`openclaw fleet scrape`. The work is in `deploy/pyinfra/control`."""

from __future__ import annotations

from pathlib import Path

import click

from clawfleet.cli.fleet_hands import fleet_options, hand_over


@click.command(
    "scrape",
    epilog="""\b
Examples:
  openclaw fleet scrape --from edge-1 --out /etc/prometheus/clawfleet""",
)
@click.option("--from", "where", metavar="HOST", help="The host of the fleet that Prometheus runs on.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Write it there, with the tokens.")
@fleet_options
def command(*, where: str | None, out: Path | None, fleet: Path | None, limits: tuple[str, ...], as_json: bool) -> None:
    """Tell Prometheus where the gateways are: a file for its `scrape_config_files`.

    Contacts no host. Names those that cannot be reached from there (exit code 1)."""
    options = {"from": where, "out": str(out) if out else None}
    hand_over("scrape", fleet=fleet, limits=limits, as_json=as_json, **options)
