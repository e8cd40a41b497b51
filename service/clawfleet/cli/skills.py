"""`openclaw skills`: the instructions that agents find as files. Source: config-and-cli §10."""

from __future__ import annotations

import click

from clawfleet.cli.families import Family, Lazy

TABLE = {
    "list": Lazy("clawfleet.cli.skills_list", "List the skills, and what each of them lacks."),
    "info": Lazy("clawfleet.cli.skills_info", "Show one skill, what it needs and what of that is there."),
    "check": Lazy("clawfleet.cli.skills_check", "Say which skills are ready, and what the others lack."),
}
_ABSENT = "curator install library search uninstall update verify workshop"


@click.group("skills", cls=Family, table=TABLE, unsupported=frozenset(_ABSENT.split()), default="list")
def command() -> None:
    """The instructions that agents find as files."""
