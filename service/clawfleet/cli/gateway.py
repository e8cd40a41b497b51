"""`openclaw gateway …`: the table of the gateway's commands. Bare `openclaw gateway` runs it."""

from __future__ import annotations

import click

from clawfleet.cli.families import Family, Lazy

COMMANDS = {
    "run": Lazy("clawfleet.cli.gateway_run", "Run the gateway in the foreground (also: bare `openclaw gateway`)."),
    "status": Lazy("clawfleet.cli.gateway_status", "Is it running, where, and does it answer?"),
    "install": Lazy("clawfleet.cli.gateway_install", "Register the gateway as a service and start it."),
    "start": Lazy("clawfleet.cli.gateway_start", "Start the service."),
    "stop": Lazy("clawfleet.cli.gateway_stop", "Stop the service, and a gateway that was started by hand."),
    "restart": Lazy("clawfleet.cli.gateway_restart", "Restart the gateway; returns when it answers again."),
    "takeover": Lazy("clawfleet.cli.gateway_takeover", "End what holds the service's place, start the service."),
    "uninstall": Lazy("clawfleet.cli.gateway_uninstall", "Stop the gateway and remove its service."),
    "health": Lazy("clawfleet.cli.gateway_health", "OK and how fast, or what is wrong."),
    "call": Lazy("clawfleet.cli.gateway_call", "Call one method of the running gateway."),
    "probe": Lazy("clawfleet.cli.gateway_probe", "Which gateways answer, and with what."),
    "schema": Lazy("clawfleet.cli.gateway_schema", "The protocol as JSON Schema: frames, methods, events, scopes."),
}
UNSUPPORTED = frozenset(["auth-token", "discover", "stability", "usage-cost"])


@click.group(name="gateway", cls=Family, table=COMMANDS, unsupported=UNSUPPORTED, default="run")
def command() -> None:
    """Run the gateway or its service, ask how it is, call its methods."""
