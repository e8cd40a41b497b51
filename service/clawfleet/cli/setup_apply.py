"""Carries out what was decided for a gateway: `.env`, then the config, the workspace, and the service if wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from clawfleet.cli.config_edit import edit_config
from clawfleet.cli.context import CliContext
from clawfleet.cli.setup_answers import Answers, steps_of, variables_of
from clawfleet.config.env import gateway_port
from clawfleet.config.load import Snapshot
from clawfleet.config.read import expanded
from clawfleet.config.write import read_exactly


@dataclass(frozen=True, slots=True)
class Applied:
    """What there is now. `model_problem` says why the default agent's model cannot answer yet."""

    workspace: Path
    port: int
    bind: str
    auth_mode: str
    model: str
    model_problem: str | None
    config_changed: bool
    service_lines: tuple[str, ...] = ()


def apply(cli: CliContext, answers: Answers, *, installs: bool = False) -> Applied:
    """Write what was decided; with `installs` register the service too, which returns when the gateway answers.

    Raises what `edit_config`, `keep` and the service raise.
    """
    from clawfleet.agents.workspace import prepare
    from clawfleet.models.catalog import Catalog
    from clawfleet.routing.roster import Roster

    for name, value in variables_of(source_of(cli), answers).items():
        _keep(cli, name, value)
    changed = edit_config(cli, lambda source: steps_of(source, answers))
    after = fresh(cli)
    snapshot = after.snapshot
    roster = Roster.of(snapshot.config, after.instance.workspace)
    workspace = Path(roster.get(None).workspace)
    if answers.mode == "local":
        prepare(workspace)
    catalog = Catalog.of(snapshot.config, snapshot.environ)
    model = catalog.default(roster.default_id)
    done = Applied(
        workspace,
        gateway_port(after.instance, snapshot.config)[0],
        snapshot.config.gateway.bind,
        auth_mode(snapshot),
        str(model),
        catalog.problem(model),
        changed,
    )
    return replace(done, service_lines=_install(after)) if installs else done


def source_of(cli: CliContext) -> Mapping[str, Any]:
    """What the config text says; nothing when there is none. Raises ConfigInvalid."""
    path = cli.instance.config_path
    return expanded(cli.instance, read_exactly(path)) if path.is_file() else {}


def fresh(cli: CliContext) -> CliContext:
    """The same command line over the files as they are now."""
    return CliContext(cli.profile, cli.dev, cli.color, cli.environ, cli.cwd)


def auth_mode(snapshot: Snapshot) -> str:
    """How clients prove themselves: as configured, else by what is set, else by a token that the gateway makes."""
    auth = snapshot.config.gateway.auth
    return auth.mode or ("password" if auth.password and not auth.token else "token")


def _keep(cli: CliContext, name: str, value: str) -> None:
    from clawfleet.cli.secrets_set import keep

    file = cli.instance.state_dir / ".env"
    if keep(file, name, value):
        click.echo(f"Kept {name} in {cli.instance.shown(file)}", err=True)


def _install(cli: CliContext) -> tuple[str, ...]:
    from clawfleet.cli.gateway_install import Wish
    from clawfleet.cli.service_door import ServiceDoor

    click.echo("Installing the service; this returns when the gateway answers…", err=True)
    wish = Wish(None, None, None, force=False, allow_unconfigured=False)
    return tuple(wish.fulfil(ServiceDoor.open(cli)).lines)
