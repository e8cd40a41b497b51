"""`openclaw sandbox recreate`: containers removed, so that the next use makes them as the config says now."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.cli.sandbox_containers import containers_of, remove_containers, scope_of
from clawfleet.core.counts import counted
from clawfleet.core.errors import RequestError
from clawfleet.sandbox.reuse import Found
from clawfleet.sandbox.spec import Tenant, agent_of, scope_key, settings_for


class NotForced(RequestError):
    """Nobody said that the containers may go."""

    code = "NOT_CONFIRMED"
    exit_code = 1


@click.command(
    "recreate",
    epilog="\b\nExamples:\n  openclaw sandbox recreate --all --force\n  openclaw sandbox recreate --agent coding",
)
@click.option("--all", "everything", is_flag=True, help="All of this instance.")
@click.option("--session", metavar="KEY", help="The one that this session works in.")
@click.option("--agent", metavar="ID", help="Those of this agent and its sessions.")
@click.option("--browser", is_flag=True, help="Browsers only; this gateway starts none.")
@click.option("--force", is_flag=True, help="Do not ask; what runs in them ends.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def command(cli: CliContext, /, *, force: bool, as_json: bool, browser: bool, **selected: Any) -> None:
    """Remove containers; the workspace and what the agents wrote there stay."""
    if sum(bool(value) for value in selected.values()) != 1:
        raise click.UsageError("Name one of --all, --session KEY, --agent ID.")
    session, agent = selected["session"], selected["agent"]
    scopes = _scopes_of(cli, session) if session else ()
    there = [] if browser else containers_of(cli.instance)
    found = [each for each in there if _is_meant(each, scopes, agent)]
    if found and not force:
        _ask(found, as_json=as_json)
    if found:
        click.echo(f"Removing {counted(len(found), 'sandbox container')}…", err=True)
    failed = remove_containers(cli.instance, found) if found else []
    lost = [each.name for each, _ in failed]
    names = [each.name for each in found if each.name not in lost]
    if as_json:
        reasons = [{"containerName": each.name, "error": why} for each, why in failed]
        print_json({"ok": not failed, "removed": names, "failed": reasons})
    elif not found:
        click.echo("No sandbox runtimes found.")
    else:
        _tell(names, failed)
    if failed:
        sys.exit(1)


def _tell(names: Sequence[str], failed: Sequence[tuple[Found, str]]) -> None:
    for name in names:
        click.echo(f"✓ Removed {name}")
    for each, why in failed:
        click.echo(f"✗ {each.name}: {why}")
    click.echo(f"Done: {len(names)} removed, {len(failed)} failed. They are made anew when next used.")


def _scopes_of(cli: CliContext, session: str) -> tuple[str, ...]:
    """What the container of a session may be labelled with: its key, and its scope where the config can be read."""
    snapshot, _ = cli.snapshot_or_error
    if snapshot is None:
        return (session,)
    from clawfleet.routing.roster import Roster, UnknownAgent

    try:
        key, agent_id = Roster.of(snapshot.config, cli.instance.workspace).locate(session)
    except UnknownAgent:  # its containers may have outlived it
        return (session,)
    sandbox = settings_for(snapshot.config.agents, agent_id)
    return (session, key, scope_key(sandbox.scope, Tenant(agent_id, key)))


def _is_meant(found: Found, scopes: Sequence[str], agent: str | None) -> bool:
    scope = scope_of(found)
    if scopes:
        return scope in scopes
    return agent is None or agent_of(scope) == agent


def _ask(found: list[Found], *, as_json: bool) -> None:
    if as_json or not sys.stdin.isatty():
        raise NotForced(f"Refusing to remove {len(found)} sandbox containers without --force", hint="add --force")
    click.confirm(f"Remove {len(found)} sandbox containers? What runs in them ends.", abort=True, err=True)
