"""`openclaw uninstall`: the service, the state, the workspaces, each when asked. The program is pip's to remove.

Source: config-and-cli §10.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import click

from clawfleet.cli.backup_restore import confirm
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.cli.removal import Removal, removal_of, remove
from clawfleet.cli.removal_sandboxes import remove_containers
from clawfleet.cli.reset import ScopeMissing, check_stopped, print_removal, removal_json, with_workspaces
from clawfleet.core.errors import HostError
from clawfleet.host.service_search import account_home, find_own


class ServiceInTheWay(HostError):
    """A service would start the gateway again that loses its state."""

    code = "SERVICE_IN_THE_WAY"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What shall go."""

    service: bool
    state: bool
    workspace: bool

    @property
    def words(self) -> str:
        """`the service, the state and the workspaces`."""
        parts = [("the service", self.service), ("the state", self.state), ("the workspaces", self.workspace)]
        return " and ".join(word for word, is_wanted in parts if is_wanted)


@click.command(
    "uninstall",
    epilog="""\b
Examples:
  openclaw uninstall --service --state --dry-run
  openclaw uninstall --service --yes
  openclaw uninstall --all --yes         the workspaces too""",
)
@click.option("--service", is_flag=True, help="Stop the gateway and remove its service.")
@click.option("--state", is_flag=True, help="Remove config, keys, sessions and everything else of this instance.")
@click.option("--workspace", is_flag=True, help="Remove the agents' files.")
@click.option("--app", is_flag=True, help="Accepted; there is no app.")
@click.option("--all", "everything", is_flag=True, help="Service, state and workspaces.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.option("--non-interactive", is_flag=True, help="Ask nothing; needs --yes.")
@click.option("--dry-run", is_flag=True, help="Say what would go; remove nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def command(
    cli: CliContext,
    *,
    service: bool,
    state: bool,
    workspace: bool,
    app: bool,
    everything: bool,
    yes: bool,
    non_interactive: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Remove the service, the state or the workspaces of this instance; a Node original's databases stay.

    Keep a copy first: openclaw backup create. The program itself: pip uninstall clawfleet.
    """
    wanted = Wanted(service or everything, state or everything, workspace or everything)
    if not wanted.words:
        wanted = _asked(non_interactive or as_json)
    if non_interactive and not (yes or dry_run):
        raise ScopeMissing("--non-interactive needs --yes: nobody is asked.", hint="openclaw uninstall --all --yes")
    removal = _removal(cli, wanted)
    if not dry_run:
        _check(cli, wanted, removal)
        confirm(f"Remove {wanted.words} of {cli.instance.shown(cli.instance.state_dir)}?", yes=yes)
    _carry_out(cli, wanted, removal, dry_run=dry_run, as_json=as_json)


def _carry_out(cli: CliContext, wanted: Wanted, removal: Removal, *, dry_run: bool, as_json: bool) -> None:
    notes = list(_service(cli, dry_run=dry_run)) if wanted.service else []
    if wanted.state:
        snapshot, _ = cli.snapshot_or_error
        notes.append(remove_containers(cli.instance, snapshot.config if snapshot else None, dry_run=dry_run))
    left = [] if dry_run or not (removal.paths or removal.workspaces) else remove(cli.instance, removal)
    told = [note for note in notes if note]
    if as_json:
        print_json(removal_json(removal, left, dry_run=dry_run) | {"notes": told})
        return
    for note in told:
        click.echo(note)
    if wanted.state or wanted.workspace:
        print_removal(cli.instance, removal, left, dry_run=dry_run)
    if not dry_run:
        click.echo("The program stays: pip uninstall clawfleet")


def _asked(is_silent: bool) -> Wanted:
    """What somebody at a terminal wants. Raises ScopeMissing where nobody can be asked."""
    if is_silent or not sys.stdin.isatty():
        raise ScopeMissing("What shall be uninstalled?", hint="--service, --state, --workspace, or --all")
    answers = [
        click.confirm(question, default=default, err=True)
        for question, default in (
            ("Remove the service?", True),
            ("Remove config, keys and sessions?", False),
            ("Remove the agents' files?", False),
        )
    ]
    wanted = Wanted(*answers)
    if not wanted.words:
        raise ScopeMissing("Nothing was chosen.")
    return wanted


def _removal(cli: CliContext, wanted: Wanted) -> Removal:
    removal = removal_of(cli.instance, "full") if wanted.state else Removal()
    return with_workspaces(cli, removal) if wanted.workspace else removal


def _check(cli: CliContext, wanted: Wanted, removal: Removal) -> None:
    """Return if nothing that stays would be left without what goes. Raises ServiceInTheWay, GatewayStillRuns."""
    if wanted.service:
        return  # it is stopped first
    own = find_own(cli.instance) if wanted.state else None
    if own is not None:
        raise ServiceInTheWay(
            f"{own.label} would start the gateway again: {own.file}",
            hint="remove it too: openclaw uninstall --service --state",
        )
    check_stopped(cli.instance, removal)


def _service(cli: CliContext, *, dry_run: bool) -> tuple[str, ...]:
    """Stop the gateway and take its service away; what there is to say. Raises HostError."""
    from clawfleet.cli.service_door import SUPERVISOR_MODE, ServiceDoor, SupervisedElsewhere

    if dry_run:
        own = find_own(cli.instance)
        return (f"Would remove {own.describe()}" if own else "Gateway service not installed.",)
    door = ServiceDoor.open(cli)
    if door.is_external:
        raise SupervisedElsewhere(
            f"another supervisor runs this gateway ({SUPERVISOR_MODE}=external)", hint="remove it there"
        )
    is_mac = door.service.manager == "launchd"
    return door.lifecycle.uninstall(trash=account_home(door.context.instance) / ".Trash" if is_mac else None).lines
