"""`openclaw security`: who could do what they should not. Source: config-and-cli §10."""

from __future__ import annotations

import click

from clawfleet.cli.families import Family, Lazy

TABLE = {"audit": Lazy("clawfleet.cli.security_audit", "Look for openings; mend file modes with --fix.")}


@click.group("security", cls=Family, table=TABLE)
def command() -> None:
    """Who could do what they should not."""
