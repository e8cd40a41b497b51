"""`openclaw agents`: who there is, one more, one less, who answers where. Source: config-and-cli §10.

A running gateway is asked to make the change, so that it holds at once; without one the config file is changed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from clawfleet.cli.agents_bind import (
    add_bindings,
    added_json,
    bind_command,
    bindings_command,
    places_of,
    tell_added,
    unbind_command,
)
from clawfleet.cli.agents_identity import set_identity_command
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.cli.target import Ask, find_place, open_gateway
from clawfleet.config.binding_rows import Outcome, rows_of, words
from clawfleet.core.errors import RequestError


class NotConfirmed(RequestError):
    """Nobody said that the agent may go."""

    code = "NOT_CONFIRMED"
    exit_code = 1


@click.group(name="agents")
def command() -> None:
    """List, add and delete agents; say who answers where."""


for extra in (bind_command, unbind_command, bindings_command, set_identity_command):
    command.add_command(extra)


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
@click.option("--bind", "texts", multiple=True, metavar="CHANNEL[:ACCOUNT]", help="Where it answers; may be repeated.")
@click.option("--non-interactive", is_flag=True, help="Ask nothing; nothing is asked anyway.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def add_command(
    cli: CliContext,
    name: str,
    *,
    workspace: str | None,
    model: str | None,
    texts: tuple[str, ...],
    non_interactive: bool,
    as_json: bool,
) -> None:
    """Add an agent called NAME."""
    place, places = str(cli.instance.path(workspace)) if workspace else None, places_of(texts)
    made = _ask(cli, "agents.create", {"name": name, "workspace": place, "model": model}) or _add(
        cli, name, place, model
    )
    bound = add_bindings(cli, made["agentId"], places) if places else Outcome([])
    if as_json:
        bindings = {key: value for key, value in added_json(made["agentId"], bound).items() if key != "agentId"}
        print_json({key: value for key, value in made.items() if key != "ok"} | {"bindings": bindings})
        return
    click.echo(f"Added agent: {made['agentId']}")
    click.echo(f"Workspace: {cli.instance.shown(Path(made['workspace']))}")
    tell_added(bound)


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
    rules = [rule for rule in rows_of(snapshot.source) if str(rule.get("agentId")).lower() == agent_id]
    row = {
        "id": agent_id,
        "name": agent.name,
        "workspace": str(agent.workspace),
        "model": str(Catalog.of(snapshot.config, snapshot.environ).default(agent_id)),
        "bindings": len(rules),
        "isDefault": agent_id == roster.default_id,
        "bindingDetails": [words(rule) for rule in rules] if with_bindings else None,
    }
    return {key: value for key, value in row.items() if value is not None}


def _lines(row: Mapping[str, Any], cli: CliContext) -> Iterator[str]:
    name = f" ({row['name']})" if row.get("name") else ""
    yield f"- {row['id']}{' (default)' if row['isDefault'] else ''}{name}"
    yield f"  Workspace: {cli.instance.shown(Path(row['workspace']))}"
    yield f"  Model: {row['model']}"
    yield f"  Routing rules: {row['bindings']}"
    yield from (f"    - {words}" for words in row.get("bindingDetails", ()))
