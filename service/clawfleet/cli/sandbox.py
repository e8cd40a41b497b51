"""`openclaw sandbox …`: the table of commands about the containers that tools run in."""

from __future__ import annotations

import click

from clawfleet.cli.families import Family, Lazy

COMMANDS = {
    "list": Lazy("clawfleet.cli.sandbox_list", "The containers of this instance."),
    "recreate": Lazy("clawfleet.cli.sandbox_recreate", "Remove containers; the next use makes them anew."),
    "explain": Lazy("clawfleet.cli.sandbox_explain", "Where an agent's tools run, and why."),
}


@click.group(name="sandbox", cls=Family, table=COMMANDS)
def command() -> None:
    """The containers that agents' tools run in."""
