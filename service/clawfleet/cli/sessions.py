"""`openclaw sessions …`: the table of commands about conversations. Bare `openclaw sessions` lists them."""

from __future__ import annotations

import click

from clawfleet.cli.families import Family, Lazy

COMMANDS = {"list": Lazy("clawfleet.cli.sessions_list", "List conversations, newest first.")}
UNSUPPORTED = frozenset(["archive", "cleanup", "delete", "export", "export-trajectory", "tail"])


@click.group(name="sessions", cls=Family, table=COMMANDS, unsupported=UNSUPPORTED, default="list")
def command() -> None:
    """List the conversations that the gateway keeps."""
