"""`openclaw sandbox list`: the containers of this instance. Source: config-and-cli §10."""

from __future__ import annotations

from typing import Any

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import age, print_json
from clawfleet.cli.sandbox_containers import containers_of, scope_of
from clawfleet.cli.tables import table_lines
from clawfleet.sandbox.reuse import Found
from clawfleet.sandbox.spec import agent_of


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def command(cli: CliContext, as_json: bool) -> None:
    """List the containers of this instance, running or not; other instances' are not shown."""
    found = containers_of(cli.instance)
    if as_json:
        print_json({"containers": [document(each) for each in found], "browsers": []})
        return
    if not found:
        click.echo("No sandbox runtimes found.")
        return
    rows = [
        (each.name, "running" if each.running else "stopped", age(each.created_at_ms), scope_of(each)) for each in found
    ]
    for line in table_lines(("Container", "State", "Age", "Scope"), rows):
        click.echo(line)
    click.echo(f"Total: {len(found)} ({sum(each.running for each in found)} running)")


def document(found: Found) -> dict[str, Any]:
    """A container, for scripts."""
    return {
        "containerName": found.name,
        "containerId": found.id,
        "running": found.running,
        "createdAtMs": found.created_at_ms,
        "sessionKey": scope_of(found),
        "agentId": agent_of(scope_of(found)) or None,
    }
