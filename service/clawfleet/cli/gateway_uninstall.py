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
        instance = door.context.instance
        if door.service.manager != "launchd":
            return door.lifecycle.uninstall()
        outcome = door.lifecycle.uninstall(trash=account_home(instance) / ".Trash")
        for leftover in (instance.state_dir / "service-env").glob(f"{door.service.label}[.-]env*"):
            leftover.unlink(missing_ok=True)  # where OpenClaw's own agents had their secrets
        return outcome

    return answer(context, "uninstall", work, as_json=as_json)
