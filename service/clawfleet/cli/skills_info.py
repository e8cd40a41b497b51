"""`openclaw skills info`: one skill, what it needs and what of that is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.cli.skills_status import one_of, skills_status, state_of
from clawfleet.cli.target import Ask, asks_gateway
from clawfleet.core.text import printable

KINDS = {
    "bins": "Programs",
    "anyBins": "One of these programs",
    "env": "Variables",
    "config": "Config",
    "os": "Systems",
}


@click.command("info")
@click.argument("name")
@click.option("--agent", metavar="ID", help="As this agent has it; the default one without it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@asks_gateway
@pass_cli
def command(context: CliContext, ask: Ask, *, name: str, agent: str | None, as_json: bool) -> None:
    """Show one skill, what it needs and what of that is there."""
    row = one_of(skills_status(context, ask, agent), name)
    if as_json:
        print_json(row)
        return
    for line in lines(row):
        click.echo(printable(line))


def lines(row: Mapping[str, Any]) -> Iterator[str]:
    """The skill for people."""
    yield f"{row.get('emoji') or '📦'} {row['name']}: {state_of(row)}"
    if row.get("description"):
        yield str(row["description"])
    yield f"Source: {row['source']}"
    yield f"File: {row['filePath']}"
    if row.get("homepage"):
        yield f"Homepage: {row['homepage']}"
    yield f"Models are told of it: {'yes' if row['modelVisible'] else 'no'}"
    yield f"As a command: {'/skill ' + row['name'] if row['commandVisible'] else 'no'}"
    for key, title in KINDS.items():
        if needed := row["requirements"].get(key):
            missing = row["missing"].get(key) or []
            yield f"{title}: " + ", ".join(f"{'✗' if each in missing else '✓'} {each}" for each in needed)
