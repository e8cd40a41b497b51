"""`openclaw reset`: this instance as if it had never been used, by scope; the program stays.

Source: config-and-cli §10.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast, get_args

import click

from clawfleet.cli.backup_restore import confirm
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.cli.removal import Removal, Scope, removal_of, remove, workspaces_of
from clawfleet.cli.removal_sandboxes import remove_containers
from clawfleet.config.env import Instance
from clawfleet.core.errors import HostError, RequestError
from clawfleet.host.lock import read_lock

SCOPES: tuple[str, ...] = get_args(Scope)


class ScopeMissing(RequestError):
    """What shall go was not said."""

    code = "RESET_SCOPE_MISSING"
    exit_code = 1


class GatewayStillRuns(HostError):
    """Its gateway has the state open."""

    code = "GATEWAY_STILL_RUNS"


@click.command(
    "reset",
    epilog="""\b
Examples:
  openclaw reset --dry-run --scope full
  openclaw reset --scope sessions --yes

\b
Scopes:
  config                 openclaw.json and its older versions
  credentials            .env, gateway token, devices, people who were let in
  sessions               every conversation
  config+creds+sessions  the three together
  full                   everything of this instance but the workspaces""",
)
@click.option("--scope", type=click.Choice(SCOPES), help="What goes.")
@click.option("--workspace", is_flag=True, help="The agents' files too; only with --scope full.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.option("--non-interactive", is_flag=True, help="Ask nothing; needs --scope and --yes.")
@click.option("--dry-run", is_flag=True, help="Say what would go; remove nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def command(
    cli: CliContext,
    *,
    scope: str | None,
    workspace: bool,
    yes: bool,
    non_interactive: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Remove config, credentials, sessions or everything of this instance; a Node original's databases stay.

    Keep a copy first: openclaw backup create.
    """
    if scope is None:
        raise ScopeMissing("What shall be reset?", hint=f"--scope {'|'.join(SCOPES)}")
    if non_interactive and not (yes or dry_run):
        raise ScopeMissing(
            "--non-interactive needs --yes: nobody is asked.", hint="openclaw reset --scope <scope> --yes"
        )
    if workspace and scope != "full":
        raise click.UsageError("--workspace belongs to --scope full")
    instance = cli.instance
    removal = removal_of(instance, cast("Scope", scope))
    if workspace:
        removal = with_workspaces(cli, removal)
    if not dry_run:
        check_stopped(instance, removal)
        confirm(f"Remove {_told(removal)} of {instance.shown(instance.state_dir)}?", yes=yes)
    note = ""
    if removal.is_full:
        snapshot, _ = cli.snapshot_or_error
        note = remove_containers(instance, snapshot.config if snapshot else None, dry_run=dry_run)
    left = [] if dry_run else remove(instance, removal)
    if as_json:
        print_json(removal_json(removal, left, dry_run=dry_run) | ({"notes": [note]} if note else {}))
        return
    if note:
        click.echo(note)
    print_removal(instance, removal, left if removal.is_full else [], dry_run=dry_run)


def with_workspaces(cli: CliContext, removal: Removal) -> Removal:
    """The same removal, and the agents' directories."""
    snapshot, _ = cli.snapshot_or_error
    workspaces = workspaces_of(cli.instance, snapshot.config if snapshot else None)
    return Removal(removal.paths, removal.subjects, removal.needs_stop, removal.is_full, workspaces)


def check_stopped(instance: Instance, removal: Removal) -> None:
    """Return if no gateway has open what goes. Raises GatewayStillRuns."""
    lock = read_lock(instance.store_dir)
    if removal.needs_stop and lock is not None and lock.alive:
        raise GatewayStillRuns(
            f"The gateway of this instance runs (pid {lock.pid}, port {lock.port}).",
            hint="stop it first: openclaw gateway stop",
        )


def removal_json(removal: Removal, left: Sequence[Path], *, dry_run: bool) -> dict[str, object]:
    """What went, or would go, and what is left in the state directory."""
    return {
        "ok": True,
        "dryRun": dry_run,
        "removed": [str(path) for path in (*removal.paths, *removal.workspaces)],
        "forgotten": list(removal.subjects),
        "left": [str(path) for path in left],
    }


def print_removal(instance: Instance, removal: Removal, left: Sequence[Path], *, dry_run: bool) -> None:
    """The same for people."""
    word = "Would remove" if dry_run else "Removed"
    for path in (*removal.paths, *removal.workspaces):
        click.echo(f"{word} {instance.shown(path)}")
    for subject in removal.subjects:
        click.echo(f"{'Would forget' if dry_run else 'Forgot'} all {subject} in the database")
    if not (removal.paths or removal.subjects or removal.workspaces):
        click.echo("There is nothing to remove.")
    if left:
        click.echo(f"Left, not ours or not asked for: {', '.join(instance.shown(path) for path in left)}")


def _told(removal: Removal) -> str:
    parts = [f"{len(removal.paths)} files and directories"] if removal.paths else []
    parts += [f"all {subject}" for subject in removal.subjects]
    parts += [f"{len(removal.workspaces)} workspaces"] if removal.workspaces else []
    return ", ".join(parts) or "nothing"
