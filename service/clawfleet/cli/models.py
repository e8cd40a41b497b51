"""`openclaw models …`: the table of commands about models. Bare `openclaw models` says how they stand."""

from __future__ import annotations

import click

from clawfleet.cli.families import Family, Lazy

COMMANDS = {
    "status": Lazy("clawfleet.cli.models_status", "Which models are used, and where their keys come from."),
    "list": Lazy("clawfleet.cli.models_list", "Which models there are, and which can answer."),
    "set": Lazy("clawfleet.cli.models_set", "Choose the agents' model."),
    "set-image": Lazy("clawfleet.cli.models_set_image", "Choose the model for pictures."),
    "add": Lazy("clawfleet.cli.models_add", "List one more model of a provider."),
    "scan": Lazy("clawfleet.cli.models_scan", "Ask a provider which models it has."),
    "auth": Lazy("clawfleet.cli.models_auth", "Stored credentials: keep, order, remove, copy."),
    "aliases": Lazy("clawfleet.cli.models_aliases", "Short names for models."),
    "fallbacks": Lazy("clawfleet.cli.models_fallbacks", "Models to try after the agents' own."),
    "image-fallbacks": Lazy("clawfleet.cli.models_image_fallbacks", "Models to try after the one for pictures."),
}
EXAMPLES = """\b
Examples:
  openclaw models scan --provider openrouter --yes
  openclaw models set openrouter/auto
  openclaw models status --probe"""
UNSUPPORTED = frozenset(["accounts", "refresh"])


@click.group(name="models", cls=Family, table=COMMANDS, unsupported=UNSUPPORTED, default="status", epilog=EXAMPLES)
def command() -> None:
    """Models: which there are, which are used, and their names."""
