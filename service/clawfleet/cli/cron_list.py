"""`openclaw cron list`: the automations of the running gateway."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.cli.tables import table_lines
from clawfleet.cli.target import Ask, asks_gateway, open_gateway
from clawfleet.core.clock import iso_time


@click.command("list")
@click.option("--all", "with_disabled", is_flag=True, help="Those that are switched off too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@asks_gateway
@pass_cli
def command(context: CliContext, ask: Ask, *, with_disabled: bool, as_json: bool) -> None:
    """List the automations."""
    with open_gateway(context, ask, scopes=("operator.read",)) as gateway:
        answer = gateway.call("cron.list", {"includeDisabled": with_disabled})
    if as_json:
        print_json(answer)
        return
    for line in job_lines(answer):
        click.echo(line)


def job_lines(answer: Mapping[str, Any]) -> Iterator[str]:
    """The jobs as a table."""
    jobs = answer.get("jobs") or []
    if not jobs:
        yield "No cron jobs."
        return
    heads = ("ID", "Name", "Schedule", "Next", "Agent")
    yield from table_lines(heads, [_row(job) for job in jobs])


def _row(job: Mapping[str, Any]) -> tuple[str, ...]:
    schedule, state = job.get("schedule") or {}, job.get("state") or {}
    when = schedule.get("expr") or schedule.get("at") or schedule.get("everyMs") or ""
    next_ms = state.get("nextRunAtMs")
    return (
        str(job.get("id", "")),
        str(job.get("name", "")),
        f"{schedule.get('kind', '')} {when}".strip(),
        iso_time(next_ms) if next_ms else "-",
        str(job.get("agentId") or "-"),
    )
