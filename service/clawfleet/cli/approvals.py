"""`openclaw approvals …`, also `exec-approvals`: the rules for commands on this host, and what waits for a yes."""

from __future__ import annotations

import click

from clawfleet.cli.families import Family, Lazy

COMMANDS = {
    "get": Lazy("clawfleet.cli.approvals_get", "Show the rules, and what follows with the config."),
    "set": Lazy("clawfleet.cli.approvals_set", "Replace the rules with those of a file."),
    "allowlist": Lazy("clawfleet.cli.approvals_allowlist", "Programs that may run without asking."),
    "pending": Lazy("clawfleet.cli.approvals_pending", "What waits for an answer."),
    "resolve": Lazy("clawfleet.cli.approvals_resolve", "Answer what waits."),
    "grants": Lazy("clawfleet.cli.approvals_grants", "What automations may run without asking."),
}


@click.group(name="approvals", cls=Family, table=COMMANDS)
def command() -> None:
    """The rules for commands on this host, and what waits for a yes."""
