"""`openclaw approvals allowlist add|remove`: programs that may run without asking."""

from __future__ import annotations

from typing import Any

import click

from clawfleet.cli.approvals_rules import Held, Rules, names_rules
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.cli.target import asks_gateway
from clawfleet.core.clock import now_ms
from clawfleet.core.ids import new_id

EVERY_AGENT = "*"


@click.group("allowlist")
def command() -> None:
    """Programs that may run without asking: paths or names, with * for any part."""


@command.command("add")
@click.argument("pattern")
@click.option("--agent", default=EVERY_AGENT, show_default=True, metavar="ID", help="For this agent; * is every one.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@asks_gateway
@pass_cli
@names_rules
def add_command(cli: CliContext, rules: Rules, *, pattern: str, agent: str, as_json: bool) -> None:
    """Let a program run with any arguments. Nothing is written when it may already."""
    held, pattern = rules.read(), _whole(cli, pattern)
    entries = _entries(held, agent)
    is_new = all(entry["pattern"] != pattern or entry.get("argPattern") for entry in entries)
    if is_new:
        entry = {"id": new_id(), "pattern": pattern, "lastUsedAt": now_ms()}
        held = rules.write(_with(held, agent, [*entries, entry]), held.hash)
    _tell(held, f"✓ {pattern} may run ({agent})" if is_new else f"{pattern} may run already ({agent})", as_json=as_json)


@command.command("remove")
@click.argument("pattern")
@click.option("--agent", default=EVERY_AGENT, show_default=True, metavar="ID", help="For this agent; * is every one.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@asks_gateway
@pass_cli
@names_rules
def remove_command(cli: CliContext, rules: Rules, *, pattern: str, agent: str, as_json: bool) -> None:
    """Take a program off the list, and what was allowed of it by answers."""
    held, pattern = rules.read(), _whole(cli, pattern)
    entries = _entries(held, agent)
    left = [entry for entry in entries if entry["pattern"] != pattern]
    is_there = len(left) < len(entries)
    if is_there:
        held = rules.write(_with(held, agent, left), held.hash)
    _tell(
        held, f"✓ {pattern} removed ({agent})" if is_there else f"{pattern} was not listed ({agent})", as_json=as_json
    )


def _whole(cli: CliContext, pattern: str) -> str:
    return str(cli.instance.home / pattern[2:]) if pattern.startswith("~/") else pattern


def _entries(held: Held, agent: str) -> list[dict[str, Any]]:
    return list((held.file.get("agents") or {}).get(agent, {}).get("allowlist") or ())


def _with(held: Held, agent: str, entries: list[dict[str, Any]]) -> dict[str, Any]:
    agents = dict(held.file.get("agents") or {})
    agents[agent] = {**agents.get(agent, {}), "allowlist": entries}
    return {**held.file, "agents": agents}


def _tell(held: Held, text: str, *, as_json: bool) -> None:
    if as_json:
        print_json(held.wire)
    else:
        click.echo(text)
