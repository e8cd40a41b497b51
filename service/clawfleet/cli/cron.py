"""`openclaw cron`: the automations of the running gateway. Source: config-and-cli §10."""

from __future__ import annotations

import click

from clawfleet.cli.families import Family, Lazy

TABLE = {
    "list": Lazy("clawfleet.cli.cron_list", "List the automations."),
    "status": Lazy("clawfleet.cli.cron_status", "Say whether the scheduler runs, and when it acts next."),
}
_ABSENT = "add create disable edit enable remove rm run runs show"


@click.group("cron", cls=Family, table=TABLE, unsupported=frozenset(_ABSENT.split()))
def command() -> None:
    """The automations of the running gateway."""
