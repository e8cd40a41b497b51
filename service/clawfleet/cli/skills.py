"""`openclaw skills`: the instructions that agents find as files. Source: config-and-cli §10."""

from __future__ import annotations

import click

from clawfleet.cli.families import Family, Lazy

TABLE = {"list": Lazy("clawfleet.cli.skills_list", "List the skills, and what each of them lacks.")}
_ABSENT = "check curator info install library search uninstall update verify workshop"


@click.group("skills", cls=Family, table=TABLE, unsupported=frozenset(_ABSENT.split()))
def command() -> None:
    """The instructions that agents find as files."""
