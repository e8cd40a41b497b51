"""`openclaw approvals get`: the rules for commands on this host, and what follows with the config."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from clawfleet.cli.approvals_rules import NOTE, Held, Rules, effective, names_rules
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.cli.tables import terminal_lines
from clawfleet.cli.target import asks_gateway
from clawfleet.tools.exec_policy import ApprovalsDocument


@click.command("get")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@asks_gateway
@pass_cli
@names_rules
def command(cli: CliContext, rules: Rules, *, as_json: bool) -> None:
    """Show the approvals document, and what holds for each agent together with tools.exec."""
    held = rules.read()
    scopes = list(effective(cli.snapshot.config, ApprovalsDocument.model_validate(held.file)))
    if as_json:
        print_json({**held.wire, "effectivePolicy": {"scopes": scopes, "note": NOTE}})
        return
    for line in lines(rules.target, held, scopes):
        click.echo(line)


def lines(target: str, held: Held, scopes: list[dict[str, Any]]) -> Iterator[str]:
    """The same for people."""
    yield f"Approvals ({target}): {held.path}{'' if held.exists else ' (not there: no rules)'}"
    yield f"Hash: {held.hash}"
    if defaults := held.file.get("defaults"):
        yield f"Defaults: {', '.join(f'{key}={value}' for key, value in defaults.items())}"
    rows = [
        (agent, entry["pattern"], "these arguments and directory" if entry.get("argPattern") else "any arguments")
        for agent, rules in (held.file.get("agents") or {}).items()
        for entry in rules.get("allowlist") or ()
    ]
    yield ""
    if rows:
        yield from terminal_lines(("Agent", "May run", "With"), rows)
    else:
        yield "No allowlist entries."
    yield ""
    heads = ("Agent", "Host", "Security", "Ask", "Nobody there")
    yield from terminal_lines(heads, [_scope(scope) for scope in scopes])
    yield NOTE


def _scope(scope: dict[str, Any]) -> tuple[str, ...]:
    def both(name: str) -> str:
        asked, holds = scope[name]["requested"], scope[name]["effective"]
        return str(holds) if asked == holds else f"{holds} (asked for: {asked})"

    fallback = scope["askFallback"]["effective"]
    return scope["agentId"], scope["host"]["requested"], both("security"), both("ask"), fallback
