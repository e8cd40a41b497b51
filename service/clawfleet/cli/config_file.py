"""`openclaw config file`."""

from __future__ import annotations

import click

from clawfleet.cli.config_source import WordsCommand
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json


@click.command("file", cls=WordsCommand)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@pass_cli
def command(cli: CliContext, as_json: bool) -> None:
    """Print where the config file is, or would be."""
    path = str(cli.instance.config_path)
    if as_json:
        print_json({"path": path})
    else:
        click.echo(path)
