"""`openclaw sandbox recreate`: containers removed, so that the next use makes them as the config says now."""

from __future__ import annotations

import sys

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.cli.sandbox_containers import containers_of, remove_containers, scope_of
from clawfleet.core.errors import RequestError
from clawfleet.sandbox.reuse import Found
from clawfleet.sandbox.spec import agent_of


class NotForced(RequestError):
    """Nobody said that the containers may go."""

    code = "NOT_CONFIRMED"
    exit_code = 1


@click.command(
    "recreate",
    epilog="\b\nExamples:\n  openclaw sandbox recreate --all --force\n  openclaw sandbox recreate --agent coding",
)
@click.option("--all", "everything", is_flag=True, help="All of this instance.")
@click.option("--session", metavar="KEY", help="The one of this session.")
@click.option("--agent", metavar="ID", help="Those of this agent and its sessions.")
@click.option("--force", is_flag=True, help="Do not ask; what runs in them ends.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def command(
    cli: CliContext, *, everything: bool, session: str | None, agent: str | None, force: bool, as_json: bool
) -> None:
    """Remove containers; the workspace and what the agents wrote there stay."""
    if sum((everything, session is not None, agent is not None)) != 1:
        raise click.UsageError("Name one of --all, --session KEY, --agent ID.")
    found = [each for each in containers_of(cli.instance) if everything or _is_meant(each, session, agent)]
    if found and not force:
        _ask(found, as_json=as_json)
    if found:
        click.echo(f"Removing {len(found)} sandbox containers…", err=True)
        remove_containers(cli.instance, found)
    names = [each.name for each in found]
    if as_json:
        print_json({"ok": True, "removed": names})
        return
    for name in names:
        click.echo(f"Removed {name}")
    click.echo(f"{len(names)} removed; they are made anew when next used." if names else "No sandbox runtimes found.")


def _is_meant(found: Found, session: str | None, agent: str | None) -> bool:
    scope = scope_of(found)
    return scope == session if session is not None else agent_of(scope) == agent


def _ask(found: list[Found], *, as_json: bool) -> None:
    if as_json or not sys.stdin.isatty():
        raise NotForced(f"Refusing to remove {len(found)} sandbox containers without --force", hint="add --force")
    click.confirm(f"Remove {len(found)} sandbox containers? What runs in them ends.", abort=True, err=True)
