"""`openclaw daemon …`: another name for the service verbs of `openclaw gateway`."""

from __future__ import annotations

import click

from clawfleet.cli.families import Family
from clawfleet.cli.gateway import COMMANDS

VERBS = ("status", "install", "uninstall", "start", "stop", "restart")


@click.group(name="daemon", cls=Family, table={name: COMMANDS[name] for name in VERBS})
def command() -> None:
    """The gateway's background service: the same verbs as under `openclaw gateway`."""
