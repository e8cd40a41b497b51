"""`openclaw config unset`. Source: config-and-cli §3."""

from __future__ import annotations

import click

from clawfleet.cli.config_report import try_and_say, write_and_say
from clawfleet.cli.config_source import WordsCommand, read_config
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.config.change import Edit, Planned, plan_edits
from clawfleet.config.edit import NotSet
from clawfleet.config.path import parse_path


@click.command("unset", cls=WordsCommand)
@click.argument("path")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.option("--dry-run", is_flag=True, help="Check only; write nothing.")
@pass_cli
def command(cli: CliContext, path: str, *, as_json: bool, dry_run: bool) -> int:
    """Remove PATH from the file. A PATH that is not set is no failure."""
    instance, edits = cli.instance, (Edit(parse_path(path), removes=True),)

    def plan(old: str | None) -> Planned:
        return plan_edits(instance, old, edits)

    if dry_run:
        return try_and_say(instance, plan, edits, "value", as_json=as_json)
    try:
        if read_config(instance) is None:
            raise NotSet(f"Config file not found: {instance.config_path}")
        write_and_say(instance, plan, edits, f"Removed {path}.", as_json=as_json)
    except NotSet:
        text = f"Config path not found: {path}. Nothing was changed."
        click.echo(text, err=True)
        if as_json:
            print_json({"ok": True, "message": text, "paths": []})
    return 0
