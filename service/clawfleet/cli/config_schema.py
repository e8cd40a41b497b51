"""`openclaw config schema`."""

from __future__ import annotations

import click

from clawfleet.cli.config_source import WordsCommand
from clawfleet.cli.output import print_json
from clawfleet.config.schema import editor_schema


@click.command("schema", cls=WordsCommand)
@click.option("--json", is_flag=True, help="The schema is JSON anyway.")
def command(json: bool) -> None:
    """Print the JSON Schema of the file."""
    print_json(editor_schema())
