"""`openclaw agents`: who there is, one more, one less. Source: config-and-cli §10.

A running gateway is asked to make the change, so that it holds at once; without one the config file is changed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.cli.target import Ask, find_place, open_gateway
from clawfleet.core.errors import RequestError

NOT_ROUTED = "not used yet: every message goes to the default agent"


class NotConfirmed(RequestError):
    """Nobody said that the agent may go."""

    code = "NOT_CONFIRMED"
    exit_code = 1


@click.group(name="agents")
def command() -> None:
    """List, add and delete agents."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--bindings", "with_bindings", is_flag=True, help="Print each routing rule.")
@pass_cli
def list_command(cli: CliContext, as_json: bool, with_bindings: bool) -> None:
    """Show the configured agents."""
    rows = [_row(agent_id, cli, with_bindings=with_bindings) for agent_id in _roster(cli).agents]
    if as_json:
        print_json(rows)
        return
    click.echo("Agents:")
    for row in rows:
        for line in _lines(row, cli):
            click.echo(line)


@command.command("add")
@click.argument("name")
@click.option("--workspace", metavar="DIR", help="Directory of its files. Default: one beside the default agent's.")
@click.option("--model", metavar="MODEL", help="Its model, `provider/model` or an alias.")
@click.option("--non-interactive", is_flag=True, help="Ask nothing; nothing is asked anyway.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def add_command(
    cli: CliContext, name: str, *, workspace: str | None, model: str | None, non_interactive: bool, as_json: bool
) -> None:
    """Add an agent called NAME."""
    place = str(cli.instance.path(workspace)) if workspace else None
    made = _ask(cli, "agents.create", {"name": name, "workspace": place, "model": model}) or _add(
        cli, name, place, model
    )
    if as_json:
        nothing: list[str] = []
        bindings = {"added": nothing, "updated": nothing, "skipped": nothing, "conflicts": nothing}
        print_json({key: value for key, value in made.items() if key != "ok"} | {"bindings": bindings})
        return
    click.echo(f"Added agent: {made['agentId']}")
    click.echo(f"Workspace: {cli.instance.shown(Path(made['workspace']))}")


@command.command("delete")
@click.argument("agent_id", metavar="ID")
@click.option("--force", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def delete_command(cli: CliContext, agent_id: str, force: bool, as_json: bool) -> None:
    """Delete the agent ID; its workspace goes into the trash of the state directory."""
    if not force and not sys.stdin.isatty():
        raise NotConfirmed(f'Refusing to delete agent "{agent_id}" without --force', hint="add --force")
    if not force:
        click.confirm(f'Delete agent "{agent_id}" and move its workspace into the trash?', abort=True, err=True)
    gone = _ask(cli, "agents.delete", {"agentId": agent_id, "deleteFiles": True}) or _delete(cli, agent_id)
    for failed in gone["failed"]:
        click.echo(f"! {failed['path']} stays: {failed['reason']}", err=True)
    if as_json:
        print_json({key: value for key, value in gone.items() if key != "ok"})
    else:
        click.echo(f"Deleted agent: {agent_id}")


def _ask(cli: CliContext, method: str, params: Mapping[str, Any]) -> dict[str, Any] | None:
    """The answer of this instance's running gateway; None when none runs."""
    place = find_place(cli)
    if place.lock is None or not place.lock.alive:
        return None
    with open_gateway(cli, Ask()) as gateway:
        return dict(gateway.call(method, {key: value for key, value in params.items() if value is not None}))


def _add(cli: CliContext, name: str, workspace: str | None, model: str | None) -> dict[str, Any]:
    from clawfleet.agents.roster import Settings, add_agent

    agent = add_agent(cli.instance, Settings(name, workspace, model))
    own = {"model": model} if model else {}
    return {"agentId": agent.id, "name": name, "workspace": str(agent.workspace)} | own


def _delete(cli: CliContext, agent_id: str) -> dict[str, Any]:
    from clawfleet.agents.roster import remove_agent

    removed = remove_agent(cli.instance, agent_id, files=True)
    return {
        "agentId": removed.agent_id,
        "removedBindings": removed.bindings,
        "removed": [{"path": str(gone.path), "method": gone.method} for gone in removed.gone],
        "failed": [{"path": str(path), "reason": reason} for path, reason in removed.failed],
    }


def _roster(cli: CliContext) -> Any:
    from clawfleet.routing.roster import Roster

    return Roster.of(cli.snapshot.config, cli.instance.workspace)


def _row(agent_id: str, cli: CliContext, *, with_bindings: bool) -> dict[str, Any]:
    from clawfleet.models.catalog import Catalog

    roster, snapshot = _roster(cli), cli.snapshot
    agent = roster.agents[agent_id]
    rules = [rule for rule in _bindings(snapshot.source) if rule.get("agentId") == agent_id]
    row = {
        "id": agent_id,
        "name": agent.name,
        "workspace": str(agent.workspace),
        "model": str(Catalog.of(snapshot.config, snapshot.environ).default(agent_id)),
        "bindings": len(rules),
        "isDefault": agent_id == roster.default_id,
        "bindingDetails": [_rule_words(rule) for rule in rules] if with_bindings else None,
    }
    return {key: value for key, value in row.items() if value is not None}


def _lines(row: Mapping[str, Any], cli: CliContext) -> Iterator[str]:
    name = f" ({row['name']})" if row.get("name") else ""
    yield f"- {row['id']}{' (default)' if row['isDefault'] else ''}{name}"
    yield f"  Workspace: {cli.instance.shown(Path(row['workspace']))}"
    yield f"  Model: {row['model']}"
    yield f"  Routing rules: {row['bindings']}{f' ({NOT_ROUTED})' if row['bindings'] else ''}"
    yield from (f"    - {words}" for words in row.get("bindingDetails", ()))


def _bindings(source: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rows = source.get("bindings")
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _rule_words(rule: Mapping[str, Any]) -> str:
    """`discord accountId=work peer=channel:123`."""
    match = rule.get("match")
    parts = dict(match) if isinstance(match, Mapping) else {}
    channel = str(parts.pop("channel", "any channel"))
    return " ".join((channel, *(f"{key}={_value_words(value)}" for key, value in parts.items())))


def _value_words(value: object) -> str:
    if isinstance(value, Mapping):
        return ":".join(str(part) for part in (value.get("kind"), value.get("id")) if part is not None)
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
