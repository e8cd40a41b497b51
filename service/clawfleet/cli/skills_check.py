"""`openclaw skills check`: which skills are ready, and what the others lack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.cli.skills_status import skills_status, state_of
from clawfleet.cli.target import Ask, asks_gateway
from clawfleet.core.text import printable


@click.command("check")
@click.option("--agent", metavar="ID", help="Those of this agent; the default one's without it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@asks_gateway
@pass_cli
def command(context: CliContext, ask: Ask, *, agent: str | None, as_json: bool) -> None:
    """Say which skills are ready, and what the others lack."""
    rows = skills_status(context, ask, agent)["skills"]
    groups = {
        "eligible": [row for row in rows if state_of(row) == "ready"],
        "disabled": [row for row in rows if row.get("disabled")],
        "blocked": [row for row in rows if row.get("blockedByAgentFilter")],
        "missingRequirements": [row for row in rows if not row.get("eligible") and not row.get("disabled")],
    }
    if as_json:
        total = {"total": len(rows), **{name: len(each) for name, each in groups.items()}}
        print_json({"summary": total, **{name: [row["name"] for row in each] for name, each in groups.items()}})
        return
    for line in lines(rows, groups):
        click.echo(printable(line))


def lines(rows: Sequence[Mapping[str, Any]], groups: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[str]:
    """The same for people."""
    yield f"{len(groups['eligible'])} of {len(rows)} skills are ready"
    yield from (f"  ✓ {row['name']}" for row in groups["eligible"])
    others = [row for row in rows if state_of(row) != "ready"]
    yield from (f"  ✗ {row['name']}: {state_of(row)}" for row in others)
