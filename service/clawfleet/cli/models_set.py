"""`openclaw models set`: the agents' model. Source: config-and-cli §10 and §11."""

from __future__ import annotations

import click

from clawfleet.cli.config_edit import edit_config, tell_file
from clawfleet.cli.config_words import effect
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.models_choice import allow_steps, catalog_of, meant, place_of, primary_steps
from clawfleet.cli.output import print_json, tell
from clawfleet.core.errors import GatewayError

ASK_S = 3.0


@click.command(
    "set", epilog="\b\nExamples:\n  openclaw models set openai/gpt-5.4\n  openclaw models set opus-local   # an alias"
)
@click.argument("name", metavar="MODEL")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def command(cli: CliContext, name: str, *, as_json: bool) -> None:
    """Make MODEL, `provider/model` or an alias, the agents' model. An unknown one is set with a warning."""
    ref = meant(cli, name)
    _offer(cli, ref)
    changed = edit_config(cli, lambda source: [*primary_steps(source, "model", ref), *allow_steps(source, ref)])
    if as_json:
        print_json({"ok": True, "model": ref, "changed": changed})
        return
    tell_file(cli, changed=changed)
    click.echo(f"Default model: {ref}")
    if changed:
        click.echo(effect(place_of("model")))


def _offer(cli: CliContext, ref: str) -> None:
    """Of a model that its own provider's list lacks, say on stderr which the server itself names."""
    from clawfleet.models.discovery import ask_offers
    from clawfleet.models.refs import parse_ref

    catalog, parsed = catalog_of(cli), parse_ref(ref)
    setup = next((each for each in catalog.setups if parsed and each.id == parsed.provider), None)
    if parsed is None or setup is None or catalog.find(parsed) is not None:
        return
    try:
        names = [offer.id for offer in ask_offers(setup, ASK_S)]
    except GatewayError:
        return  # a hint that cannot be given is none
    if parsed.model in names:
        tell(f"  Provider {setup.id} has it. Add it: openclaw models add {ref}", err=True)
    elif names:
        some = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
        click.echo(f"  Provider {setup.id} answers /models with: {some}", err=True)
        tell(f"  Add one: openclaw models add {setup.id}/{names[0]}", err=True)
