"""`openclaw config …`: the table of its commands."""

from __future__ import annotations

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.families import Family, Lazy

COMMANDS = {
    "get": Lazy("clawfleet.cli.config_get", "Print what the file says at a path; secrets are blacked out."),
    "set": Lazy("clawfleet.cli.config_set", "Set a path, or several at once, and keep the rest of the file."),
    "unset": Lazy("clawfleet.cli.config_unset", "Remove a path from the file."),
    "patch": Lazy("clawfleet.cli.config_patch", "Merge a piece of config into the file."),
    "plan": Lazy("clawfleet.cli.config_plan", "Show what the file would change in the running gateway."),
    "validate": Lazy("clawfleet.cli.config_validate", "Check the file and say everything that is wrong with it."),
    "restore": Lazy("clawfleet.cli.config_restore", "Put an earlier text of the file back."),
    "file": Lazy("clawfleet.cli.config_file", "Print where the config file is, or would be."),
    "schema": Lazy("clawfleet.cli.config_schema", "Print the JSON Schema of the file."),
}


@click.group(name="config", cls=Family, table=COMMANDS)
@pass_cli
def command(cli: CliContext) -> None:
    """Read, change and check the config file."""
    for warning in cli.instance.warnings:
        click.echo(f"! {warning}", err=True)
