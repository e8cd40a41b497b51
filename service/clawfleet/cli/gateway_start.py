"""`openclaw gateway start`: start the installed service; returns when its gateway answers."""

from __future__ import annotations

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.service_door import ServiceDoor, answer
from clawfleet.host.lifecycle import Outcome


@click.command("start")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@pass_cli
def command(context: CliContext, *, as_json: bool) -> int:
    """Start the service and wait until it is ready; exit 1 with the reason when it does not get there."""

    def work(door: ServiceDoor) -> Outcome:
        return door.lifecycle.start(door.wanted())

    return answer(context, "start", work, as_json=as_json)
