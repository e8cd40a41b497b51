"""`openclaw models add`: one more model of a provider that the config describes. Source: config-and-cli §11."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from clawfleet.cli.config_edit import edit_config, tell_file
from clawfleet.cli.config_words import effect
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.models_auth_store import stored_ring
from clawfleet.cli.models_choice import catalog_of, mapping_at
from clawfleet.cli.output import print_json
from clawfleet.config.change import Edit
from clawfleet.core.errors import NotFoundError, RequestError

if TYPE_CHECKING:
    from clawfleet.models.offers import Offer
    from clawfleet.models.setups import ProviderSetup

PROVIDERS = ("models", "providers")


class NoSuchProvider(NotFoundError):
    """No provider of that id is known, or has a key."""

    code = "NO_SUCH_PROVIDER"


@click.command("add", epilog="\b\nExamples:\n  openclaw models add custom-127-0-0-1-8317/qwen3-coder")
@click.argument("name", metavar="PROVIDER/MODEL")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def command(cli: CliContext, name: str, *, as_json: bool) -> None:
    """Add MODEL to models.providers.PROVIDER.models; one that is there already stays as it is."""
    from clawfleet.models.offers import Offer
    from clawfleet.models.refs import parse_ref

    ref = parse_ref(name)
    if ref is None:
        raise RequestError(f'"{name}" is no model', hint="write provider/model")
    setup = provider_named(cli, ref.provider)
    changed = edit_config(cli, lambda source: add_steps(source, setup, [Offer(ref.model)]))
    if as_json:
        print_json({"ok": True, "model": str(ref), "changed": changed})
        return
    tell_file(cli, changed=changed)
    click.echo(f"Model: {ref}")
    if changed:
        click.echo(effect(PROVIDERS))


def provider_named(cli: CliContext, name: str) -> ProviderSetup:
    """A provider of the config, or one known by its key. Raises NoSuchProvider."""
    from clawfleet.config.provider_ids import provider_id

    setup = setups_here(cli).get(provider_id(name))
    if setup is None or setup.api == "demo":
        known = ", ".join(each.id for each in catalog_of(cli).setups) or "none"
        raise NoSuchProvider(
            f'No provider "{name}"', hint=f"configured: {known}; describe it under models.providers.{name}"
        )
    return setup


def setups_here(cli: CliContext) -> dict[str, ProviderSetup]:
    """All providers of this instance by id, with the keys that its chats would use."""
    from clawfleet.models.setups import setups_of

    config, environ = cli.snapshot.config, cli.snapshot.environ
    return setups_of(config, environ, stored_ring(cli).best(environ, config.auth))


def key_of(source: Mapping[str, Any], setup: ProviderSetup) -> str:
    """How the config spells a provider's id."""
    from clawfleet.config.provider_ids import provider_id

    return next((each for each in mapping_at(source, *PROVIDERS) if provider_id(each) == setup.id), setup.id)


def add_steps(
    source: Mapping[str, Any], setup: ProviderSetup, offers: Sequence[Offer], without: Sequence[str] = ()
) -> list[Edit]:
    """What puts models behind those that the config lists for their provider, and takes out those `without`."""
    key = key_of(source, setup)
    listed = mapping_at(source, *PROVIDERS, key).get("models")
    before = list(listed) if isinstance(listed, list) else []
    models = [row for row in before if not (isinstance(row, Mapping) and row.get("id") in without)]
    known = {row.get("id") for row in models if isinstance(row, Mapping)}
    after = [*models, *(_row(offer) for offer in offers if offer.id not in known)]
    return [Edit((*PROVIDERS, key, "models"), after)] if after != before else []


def _row(offer: Offer) -> dict[str, Any]:
    """What the config keeps of a model: what its provider says, and no more."""
    told = {"contextWindow": offer.context_window, "maxTokens": offer.max_tokens}
    row: dict[str, Any] = {"id": offer.id, "name": offer.name or offer.id}
    row |= {key: value for key, value in told.items() if value}
    if offer.input and offer.input != ("text",):
        row["input"] = list(offer.input)
    return row | ({"reasoning": True} if offer.reasoning else {})
