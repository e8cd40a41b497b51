"""`openclaw secrets reload`: the running gateway reads its secrets again. Source: config-and-cli §7."""

from __future__ import annotations

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json, tell
from clawfleet.cli.target import Ask, asks_gateway, open_gateway


@click.command("reload")
@click.option("--json", "as_json", is_flag=True, help="Print the gateway's answer as JSON.")
@asks_gateway
@pass_cli
def command(context: CliContext, ask: Ask, *, as_json: bool) -> None:
    """Let the running gateway read its secrets again, without a restart."""
    with open_gateway(context, ask) as gateway:
        answer = gateway.call("secrets.reload")
    warnings = answer.get("warningCount") if isinstance(answer, dict) else None
    if as_json:
        print_json(answer)
    elif warnings:
        tell(f"Secrets reloaded with {warnings} warning(s): openclaw secrets audit")
    else:
        click.echo("Secrets reloaded.")
