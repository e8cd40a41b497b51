"""`openclaw models scan`: which models a configured provider has, and which of them are new. Source: §10, §11."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from clawfleet.cli.config_edit import edit_config, tell_file
from clawfleet.cli.config_words import effect
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.models_add import PROVIDERS, add_steps, provider_named
from clawfleet.cli.models_choice import catalog_of, primary_steps
from clawfleet.cli.output import print_json, printable, tell
from clawfleet.core.errors import RequestError

if TYPE_CHECKING:
    from clawfleet.models.offers import Offer
    from clawfleet.models.setups import ProviderSetup

MOST_SHOWN = 50


class WhichProvider(RequestError):
    """Several providers could be meant, or none is there."""

    code = "WHICH_PROVIDER"
    exit_code = 1


@dataclass(frozen=True, slots=True)
class Found:
    """What a provider offers, and what of it the config does not list."""

    setup: ProviderSetup
    offers: Sequence[Offer]
    new: Sequence[Offer]

    @property
    def default(self) -> str:
        """The ref that --set-default chooses: the first new model, else the first."""
        return f"{self.setup.id}/{(self.new or self.offers)[0].id}"


@click.command(
    "scan", epilog="\b\nExamples:\n  openclaw models scan --provider custom-127-0-0-1-8317 --yes --set-default"
)
@click.option("--provider", metavar="ID", help="Whom to ask. Default: the only configured one.")
@click.option("--yes", is_flag=True, help="Add what is new to the config.")
@click.option("--set-default", is_flag=True, help="Also make the first of them the agents' model.")
@click.option("--no-probe", is_flag=True, help="Accepted; no model is called in any case.")
@click.option(
    "--timeout", "timeout_ms", type=click.IntRange(min=1), default=10_000, show_default=True, metavar="MS",
    help="How long to wait for the provider, in milliseconds.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def command(
    cli: CliContext,
    provider: str | None,
    *,
    yes: bool,
    set_default: bool,
    no_probe: bool,
    timeout_ms: int,
    as_json: bool,
) -> None:
    """Ask a provider for its models and show which the config does not list yet."""
    from clawfleet.models.offers import ask_offers

    setup = provider_named(cli, provider or _only(cli))
    click.echo(f"Asking {setup.id} for its models…", err=True)
    offers = ask_offers(setup, timeout_ms / 1000)
    listed = {spec.id for spec in setup.models}
    found = Found(setup, offers, [offer for offer in offers if offer.id not in listed])
    if not as_json:
        _show(found)
    adds = bool(found.offers) and (yes or _agrees(found, set_default=set_default, as_json=as_json))
    changed = adds and _add(cli, found, set_default=set_default)
    if as_json:
        print_json(_document(found, default=found.default if adds and set_default else None, changed=changed))
    elif adds:
        tell_file(cli, changed=changed)
        if set_default:
            click.echo(f"Default model: {found.default}")
        if changed:
            click.echo(effect(PROVIDERS))
    elif found.new:
        tell(f"Add them: openclaw models scan --provider {setup.id} --yes")


def _only(cli: CliContext) -> str:
    names = [setup.id for setup in catalog_of(cli).setups]
    if len(names) != 1:
        known = ", ".join(names) or "none configured, see models.providers"
        raise WhichProvider("Which provider is meant?", hint=f"add --provider <id>: {known}")
    return names[0]


def _show(found: Found) -> None:
    click.echo(f"Provider {found.setup.id}: {len(found.offers)} models, {len(found.new)} new")
    for offer in found.new[:MOST_SHOWN]:
        size = f" ({round(offer.context_window / 1000)}k)" if offer.context_window else ""
        click.echo(printable(f"- {offer.id}{size}"))
    if len(found.new) > MOST_SHOWN:
        click.echo(f"… and {len(found.new) - MOST_SHOWN} more; --json shows all")


def _agrees(found: Found, *, set_default: bool, as_json: bool) -> bool:
    """Whether a person at the terminal wants them; nobody else is asked."""
    if as_json or not sys.stdin.isatty() or not (found.new or set_default):
        return False
    return click.confirm("Add them to the config?", err=True)


def _add(cli: CliContext, found: Found, *, set_default: bool) -> bool:
    return edit_config(
        cli,
        lambda source: [
            *add_steps(source, found.setup, found.new),
            *(primary_steps(source, "model", found.default) if set_default else ()),
        ],
    )


def _document(found: Found, *, default: str | None, changed: bool) -> dict[str, object]:
    return {
        "ok": True,
        "provider": found.setup.id,
        "count": len(found.offers),
        "models": [offer.id for offer in found.offers],
        "new": [offer.id for offer in found.new],
        "defaultModel": default,
        "changed": changed,
    }
