"""`openclaw gateway takeover`: ends what holds the service's place, and starts the service."""

from __future__ import annotations

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.service_door import ServiceDoor, answer
from clawfleet.cli.service_trouble import service_instance
from clawfleet.config.env import gateway_port
from clawfleet.core.errors import HostError
from clawfleet.host.lifecycle import Outcome
from clawfleet.host.process import Process
from clawfleet.host.readiness import runs_in
from clawfleet.host.services import NotInstalled
from clawfleet.host.takeover import end, in_the_way, unit_of


class RunElsewhere(HostError):
    """What is in the way is run by another service, which would start it again."""

    code = "RUN_BY_SERVICE"


@click.command("takeover")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@pass_cli
def command(context: CliContext, *, as_json: bool) -> int:
    """End a gateway that was started by hand and holds the service's port or state dir, then start the service.

    Only processes that are proven to be gateways of this user are ended: SIGTERM, five seconds, SIGKILL.
    """
    return answer(context, "takeover", take_over, as_json=as_json)


def take_over(door: ServiceDoor) -> Outcome:
    """Clear the service's place and start it. Raises NotInstalled, ForceRefused, RunElsewhere, NotReady."""
    state = door.service.state()
    if not state.is_installed:
        raise NotInstalled(door.service.manager)
    door.service.check()  # before anything is ended: else nobody would serve
    lines = []
    for process in in_the_way(service_port(door), door.context.instance.store_dir):
        if not runs_in(process.pid, state.pid):
            lines.append(_ended(process, state.label))
    outcome = door.lifecycle.start(door.wanted())
    if not lines:
        return Outcome(outcome.result, ("Nothing is in the way of the service.", *outcome.lines))
    return Outcome("taken-over", (*lines, *outcome.lines))


def service_port(door: ServiceDoor) -> int:
    """The port that the service serves: what the config says as the service reads it, unless its file names one."""
    from clawfleet.config.load import load_config

    written = door.service.written()
    if written is not None and written.port:
        return written.port
    instance = service_instance(door.context, written)
    return gateway_port(instance, load_config(instance).config)[0]


def _ended(process: Process, label: str) -> str:
    unit = unit_of(process.pid)
    if unit is not None and unit != label:
        raise RunElsewhere(
            f"pid {process.pid} ({process.command}) is run by {unit}, which would start it again",
            hint=f"stop that one: systemctl --user disable --now {unit}\n"
            "or give this instance another port: openclaw config set gateway.port <port>",
        )
    return f"Ended pid {process.pid} ({process.command}) with {end(process)}"
