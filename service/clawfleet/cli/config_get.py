"""`openclaw config get`: what the file says at a path. Never loads the models: it answers at once."""

from __future__ import annotations

import click

from clawfleet.cli.config_source import WordsCommand, read_config
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.config.path import look_up, parse_path


@click.command("get", cls=WordsCommand)
@click.argument("path")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, also for strings and failures.")
@pass_cli
def command(cli: CliContext, path: str, as_json: bool) -> None:
    """Print what the file says at PATH; secrets are blacked out."""
    from clawfleet.config.redacted import redacted
    from clawfleet.config.roster import with_both

    keys = parse_path(path)
    source = _source(cli)
    try:
        value = redacted(look_up(source if len(keys) == 1 else with_both(source), keys), keys)
    except KeyError:
        from clawfleet.cli.config_absent import not_there

        raise not_there(cli.instance, keys) from None
    if as_json or not isinstance(value, str):
        print_json(value)
    else:
        click.echo(value)


def _source(cli: CliContext) -> dict[str, object]:
    from clawfleet.config.read import DEFAULT_TREE, expanded

    text = read_config(cli.instance)
    return dict(DEFAULT_TREE if text is None else expanded(cli.instance, text))
