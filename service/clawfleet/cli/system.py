"""`openclaw system presence`: who is connected to the running gateway."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.cli.target import Ask, asks_gateway, open_gateway
from clawfleet.core.text import printable


@click.group(name="system")
def command() -> None:
    """What the running gateway knows of itself and its clients."""


@command.command("presence")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@asks_gateway
@pass_cli
def presence_command(context: CliContext, ask: Ask, *, as_json: bool) -> None:
    """List who is connected, the gateway first."""
    with open_gateway(context, ask, scopes=("operator.read",)) as gateway:
        rows = gateway.call("system-presence")
    if as_json:
        print_json(rows)
        return
    for line in presence_lines(rows):
        click.echo(printable(line))


def presence_lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """One line for each participant, in the gateway's own words."""
    for row in rows:
        yield str(row.get("text") or row.get("host") or row.get("clientId") or row.get("mode") or "unknown")
