"""`openclaw sessions list`: the conversations that the running gateway keeps, newest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import age, print_json
from clawfleet.cli.tables import terminal_lines
from clawfleet.cli.target import Ask, asks_gateway, open_gateway
from clawfleet.core.text import printable

COUNT = 100


@click.command(name="list")
@click.option("--agent", metavar="ID", help="Only this agent's.")
@click.option(
    "--limit", type=click.IntRange(1, 500), default=COUNT, show_default=True, metavar="N", help="At most so many."
)
@click.option(
    "--active", type=click.IntRange(1), metavar="MIN", help="Only those that changed in the last MIN minutes."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@asks_gateway
@pass_cli
def command(context: CliContext, ask: Ask, *, agent: str | None, limit: int, active: int | None, as_json: bool) -> None:
    """List conversations, newest first."""
    narrowed = {"agentId": agent, "activeMinutes": active}
    params = {"limit": limit, **{key: value for key, value in narrowed.items() if value is not None}}
    with open_gateway(context, ask, scopes=("operator.read",)) as gateway:
        found = gateway.call("sessions.list", params)
    if as_json:
        print_json(found)
        return
    for line in session_lines(found):
        click.echo(printable(line))


def session_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The answer of `sessions.list` as a table, with how many there are when these are not all."""
    rows = found.get("sessions") or []
    total = found.get("totalCount", len(rows))
    yield f"Sessions: {total}" if total == len(rows) else f"Sessions: {len(rows)} of {total}"
    if rows:
        yield from terminal_lines(("Key", "Kind", "Age", "Model", "Tokens"), [_cells(row) for row in rows])


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    model = "/".join(str(row[key]) for key in ("modelProvider", "model") if row.get(key))
    tokens = f"{row.get('totalTokens') or 0}/{row.get('contextTokens') or '?'}"
    when = age(row["updatedAt"]) if row.get("updatedAt") else "never"
    return str(row.get("key")), str(row.get("kind") or "-"), when, model or "-", tokens
