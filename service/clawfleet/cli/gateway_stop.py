"""`openclaw gateway stop`: nobody serves this state dir any more, whoever did."""

from __future__ import annotations

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.service_door import answer
from clawfleet.host.stopping import Pace


@click.command("stop")
@click.option("--force", is_flag=True, help="Do not wait for running turns.")
@click.option("--disable", is_flag=True, help="Also not at the next login or boot; `gateway start` turns it on again.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@pass_cli
def command(context: CliContext, *, force: bool, disable: bool, as_json: bool) -> int:
    """Stop the service and a gateway that was started by hand; running turns end first. Works with a broken config."""
    return answer(context, "stop", lambda door: door.lifecycle.stop(disable=disable, pace=Pace(force)), as_json=as_json)
