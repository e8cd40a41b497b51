"""`openclaw models set-image`: the model for pictures."""

from __future__ import annotations

import click

from clawfleet.cli.config_edit import edit_config, tell_file
from clawfleet.cli.config_words import effect
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.models_choice import allow_steps, meant, place_of, primary_steps
from clawfleet.cli.output import print_json


@click.command("set-image", epilog="\b\nExamples:\n  openclaw models set-image openai/gpt-5.4")
@click.argument("name", metavar="MODEL")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def command(cli: CliContext, name: str, *, as_json: bool) -> None:
    """Make MODEL the one that answers when a message brings pictures."""
    ref = meant(cli, name)
    changed = edit_config(cli, lambda source: [*primary_steps(source, "imageModel", ref), *allow_steps(source, ref)])
    if as_json:
        print_json({"ok": True, "imageModel": ref, "changed": changed})
        return
    tell_file(cli, changed=changed)
    click.echo(f"Image model: {ref}")
    if changed:
        click.echo(effect(place_of("imageModel")))
