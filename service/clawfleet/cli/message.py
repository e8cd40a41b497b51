"""`openclaw message`: what is sent to people on channels, through the running gateway. Source: config-and-cli §10."""

from __future__ import annotations

import click

from clawfleet.cli.families import Family, Lazy

TABLE = {"send": Lazy("clawfleet.cli.message_send", "Send a text to somebody on a channel.")}
_ABSENT = """
broadcast channel delete edit emoji event member permissions pin pins poll react reactions read role search sticker
thread timeout unpin
"""


@click.group("message", cls=Family, table=TABLE, unsupported=frozenset(_ABSENT.split()))
def command() -> None:
    """Send to people on the gateway's channels."""
