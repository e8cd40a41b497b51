"""`openclaw cron status`: whether the running gateway's scheduler runs."""

from __future__ import annotations

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.cli.target import Ask, asks_gateway, open_gateway
from clawfleet.core.clock import iso_time


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@asks_gateway
@pass_cli
def command(context: CliContext, ask: Ask, *, as_json: bool) -> None:
    """Say whether the scheduler runs, and when it acts next."""
    with open_gateway(context, ask, scopes=("operator.read",)) as gateway:
        answer = gateway.call("cron.status")
    if as_json:
        print_json(answer)
        return
    next_ms = answer.get("nextWakeAtMs")
    click.echo(f"Scheduler: {'running' if answer.get('enabled') else 'not running'}")
    click.echo(f"Jobs: {answer.get('jobs', 0)}")
    click.echo(f"Next: {iso_time(next_ms) if next_ms else 'nothing is due'}")
