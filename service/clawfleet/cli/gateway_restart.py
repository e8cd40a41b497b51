"""`openclaw gateway restart`: a new process, or a new start in the same one; returns when it answers."""

from __future__ import annotations

import re
from typing import Any

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.service_door import ServiceDoor, answer
from clawfleet.core.errors import RequestError
from clawfleet.host.lifecycle import Outcome
from clawfleet.host.stopping import Pace

_UNIT_S = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile(r"(?:\d+(?:ms|[smhd]))+|\d+")


@click.command("restart")
@click.option("--force", is_flag=True, help="Do not wait for running turns.")
@click.option("--safe", is_flag=True, help="Wait for running turns; this is what happens anyway.")
@click.option("--wait", metavar="DURATION", help="So long at most for running turns: 30s, 1h30m; 0: as they need.")
@click.option("--skip-deferral", is_flag=True, help="With --safe: do not wait for running turns.")
@click.option("--preserve-definition", is_flag=True, help="Leave the service's file as it is, also when outdated.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@pass_cli
def command(context: CliContext, /, *, preserve_definition: bool, as_json: bool, **flags: Any) -> int:
    """Restart the gateway, its service or the one in the foreground; a changed gateway.port takes effect."""
    pace = pace_of(**flags)

    def work(door: ServiceDoor) -> Outcome:
        if door.is_external:
            return door.lifecycle.restart_in_place()
        return door.lifecycle.restart(None if preserve_definition else door.wanted(), pace)

    return answer(context, "restart", work, as_json=as_json)


def pace_of(*, force: bool, safe: bool, wait: str | None, skip_deferral: bool) -> Pace:
    """How running turns are treated. Raises RequestError for flags that contradict each other."""
    if (safe and (force or wait is not None)) or (force and wait is not None):
        raise RequestError("--safe, --force and --wait exclude each other")
    if skip_deferral and not safe:
        raise RequestError("--skip-deferral needs --safe")
    seconds = seconds_of(wait) if wait is not None else 0.0
    return Pace(force or skip_deferral, seconds or None)


def seconds_of(text: str) -> float:
    """`1h30m`, `30s`, or milliseconds without a unit, in seconds. Raises RequestError."""
    if not _DURATION.fullmatch(text):
        raise RequestError(f"--wait {text} is not a duration", hint="for example: --wait 30s, --wait 1h30m")
    parts = re.findall(r"(\d+)(ms|[smhd]|$)", text)
    return sum(int(number) * _UNIT_S[unit or "ms"] for number, unit in parts)
