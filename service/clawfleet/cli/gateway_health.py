"""`openclaw gateway health`: OK and how fast."""

from __future__ import annotations

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.health import channel_lines
from clawfleet.cli.output import print_json
from clawfleet.cli.target import Ask, asks_gateway, open_gateway


@click.command("health")
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer.")
@asks_gateway
@pass_cli
def command(context: CliContext, ask: Ask, as_json: bool) -> int:
    """Whether the running gateway is well, and how long its answer took; exit 1 when it is not."""
    with open_gateway(context, ask) as gateway:
        health = gateway.call("health")
        latency_ms = gateway.latency_ms
    if as_json:
        print_json(health)
        return 0 if health.get("ok") else 1
    click.echo("Gateway Health")
    click.echo(f"{'OK' if health.get('ok') else 'NOT WELL'} ({latency_ms}ms)")
    for line in channel_lines(health):
        click.echo(line)
    return 0 if health.get("ok") else 1
