"""`openclaw tools`: which tools agents have, and why. Source: tools-and-sessions §1.6."""

from __future__ import annotations

import click

from clawfleet.cli.families import Family, Lazy

TABLE = {"explain": Lazy("clawfleet.cli.tools_explain", "Which tools a session has, and which key took the others.")}


@click.group("tools", cls=Family, table=TABLE)
def command() -> None:
    """Which tools agents have, and why."""
