"""`openclaw gateway uninstall`: stop the gateway and take its service away. Config and state stay."""

from __future__ import annotations

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.service_door import ServiceDoor, answer
from clawfleet.host.lifecycle import Outcome
from clawfleet.host.service_search import account_home


@click.command("uninstall")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@pass_cli
def command(context: CliContext, *, as_json: bool) -> int:
    """Stop the gateway and remove its service, whatever the config says; config, sessions and workspaces stay."""

    def work(door: ServiceDoor) -> Outcome:
        is_mac = door.service.manager == "launchd"
        return door.lifecycle.uninstall(trash=account_home(door.context.instance) / ".Trash" if is_mac else None)

    return answer(context, "uninstall", work, as_json=as_json)
