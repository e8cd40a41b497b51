"""`openclaw skills list`: the instructions that agents find as files, and what each of them lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.cli.skills_status import skills_status, state_of
from clawfleet.cli.tables import table_lines
from clawfleet.cli.target import Ask, asks_gateway


@click.command("list")
@click.option("--agent", metavar="ID", help="Those of this agent; the default one's without it.")
@click.option("--eligible", is_flag=True, help="Only those that have what they need.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@asks_gateway
@pass_cli
def command(context: CliContext, ask: Ask, *, agent: str | None, eligible: bool, as_json: bool) -> None:
    """List the skills, and what each of them lacks."""
    answer = skills_status(context, ask, agent)
    rows = [row for row in answer.get("skills") or [] if row.get("eligible") or not eligible]
    if as_json:
        print_json({**answer, "skills": rows})
        return
    for line in skill_lines(answer, rows):
        click.echo(line)


def skill_lines(answer: Mapping[str, Any], rows: list[Mapping[str, Any]]) -> Iterator[str]:
    """The skills as a table, with how many of them are ready."""
    if not rows:
        yield "No skills found."
        yield f"Put them into {answer.get('managedSkillsDir')} or {answer.get('workspaceDir')}/skills"
        return
    ready = sum(state_of(row) == "ready" for row in rows)
    yield f"Skills ({ready}/{len(rows)} ready)"
    heads = ("Status", "Skill", "Source", "Description")
    yield from table_lines(heads, [_row(row) for row in rows])


def _row(row: Mapping[str, Any]) -> tuple[str, ...]:
    return state_of(row), str(row.get("name", "")), str(row.get("source", "")), str(row.get("description", ""))
