"""`openclaw models scan`: which models providers have, and which of them are new. Source: models-and-auth §9."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from clawfleet.cli.config_edit import edit_config, tell_file
from clawfleet.cli.config_words import effect
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.models_add import PROVIDERS, provider_named, setups_here
from clawfleet.cli.models_choice import catalog_of
from clawfleet.cli.models_scan_plan import CannotAdopt, Chosen, Found, NothingFound, chosen_of, scan_steps
from clawfleet.cli.output import print_json, tell
from clawfleet.cli.tables import terminal_lines
from clawfleet.core.errors import RequestError
from clawfleet.core.text import printable

if TYPE_CHECKING:
    from clawfleet.models.discovery import Listing, NoAnswer
    from clawfleet.models.setups import ProviderSetup

MOST_SHOWN = 50


class WhichProvider(RequestError):
    """Several providers could be meant, or none is there."""

    code = "WHICH_PROVIDER"
    exit_code = 1


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is to be done with what is found."""

    yes: bool
    models: tuple[str, ...]
    prune: bool
    set_default: bool
    set_image: bool
    as_json: bool

    @property
    def chooses(self) -> bool:
        """Whether something is to be written without asking."""
        return self.yes or bool(self.models) or self.prune


@click.command(
    "scan",
    epilog="\b\nExamples:\n  openclaw models scan --provider custom-127-0-0-1-8317 --yes --set-default\n"
    "  openclaw models scan --local",
)
@click.option("--provider", metavar="ID", help="Whom to ask. Default: the only configured one.")
@click.option("--all", "every", is_flag=True, help="Ask every configured provider.")
@click.option("--local", "is_local", is_flag=True, help="Look for servers on this machine: Ollama, LM Studio, vLLM …")
@click.option("--yes", is_flag=True, help="Add what is new to the config.")
@click.option("--model", "models", multiple=True, metavar="ID", help="Add this model only; repeatable.")
@click.option("--prune", is_flag=True, help="Take out models that the provider no longer has.")
@click.option("--set-default", is_flag=True, help="Also make the first of them the agents' model.")
@click.option("--set-image", is_flag=True, help="Also make the first that sees pictures the image model.")
@click.option("--no-probe", is_flag=True, help="Accepted; no model is called in any case.")
@click.option(
    "--timeout", "timeout_ms", type=click.IntRange(min=1), default=10_000, show_default=True, metavar="MS",
    help="How long to wait for a provider, in milliseconds.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def command(cli: CliContext, /, provider: str | None, **options: Any) -> None:
    """Ask providers for their models and show which the config does not list yet."""
    timeout_s, as_json = options["timeout_ms"] / 1000, options["as_json"]
    if options["is_local"] or options["every"]:
        setups = _local(cli) if options["is_local"] else catalog_of(cli).setups
        listings = _several(setups, timeout_s, as_json=as_json)
        if not listings:
            raise NothingFound("local server" if options["is_local"] else "provider")
    else:
        listings = [_one(cli, provider or _only(cli), timeout_s)]
    wishes = Wishes(**{name: options[name] for name in Wishes.__dataclass_fields__})
    _tell(cli, [Found.of(listing, cli.snapshot.config) for listing in listings], wishes)


def _one(cli: CliContext, name: str, timeout_s: float) -> Listing:
    from clawfleet.config.provider_ids import provider_id
    from clawfleet.models import bedrock
    from clawfleet.models.discovery import ask_listing

    click.echo(f"Asking {name} for its models…", err=True)
    if provider_id(name) == bedrock.PROVIDER:
        return bedrock.ask_bedrock(cli.snapshot.config.models.bedrock_discovery, cli.snapshot.environ, timeout_s)
    return ask_listing(provider_named(cli, name), timeout_s)


def _several(setups: Sequence[ProviderSetup], timeout_s: float, *, as_json: bool) -> list[Listing]:
    """What those say that answer; why others do not goes to stderr."""
    from clawfleet.models.discovery import NoAnswer, ask_local

    answers: list[Listing | NoAnswer] = ask_local(setups, timeout_s)
    found: list[Listing] = []
    for setup, answer in zip(setups, answers, strict=True):
        if isinstance(answer, NoAnswer):
            if not as_json:
                click.echo(printable(f"- {setup.id}: {answer.message}"), err=True)
        else:
            found.append(answer)
    return found


def _local(cli: CliContext) -> list[ProviderSetup]:
    """The servers that people run at home, each where the config or habit says; and what is configured nearby."""
    from clawfleet.models.discovery import LOCAL
    from clawfleet.models.hosts import nearness

    setups = setups_here(cli)
    own = [each.id for each in setups.values() if each.is_configured and nearness(each.base_url) == "loopback"]
    near = [name for name in dict.fromkeys((*own, *LOCAL)) if name in setups]
    return [replace(setups[name], timeout_s=None) for name in near]


def _only(cli: CliContext) -> str:
    names = [setup.id for setup in catalog_of(cli).setups]
    if len(names) != 1:
        known = ", ".join(names) or "none configured, see models.providers"
        raise WhichProvider("Which provider is meant?", hint=f"add --provider <id>, --all or --local: {known}")
    return names[0]


def _tell(cli: CliContext, found: Sequence[Found], wishes: Wishes) -> None:
    if not wishes.as_json:
        for each in found:
            _show(each, offers=not wishes.chooses)
    for each in found:
        if (wishes.chooses or wishes.set_default or wishes.set_image) and not each.can_chat:
            raise CannotAdopt(each.setup.id)
    adds = wishes.chooses or _agrees(found, wishes)
    chosen = chosen_of(found, wishes.models, adds_all=adds and not wishes.models, prune=wishes.prune)
    if adds:
        chosen = replace(chosen, default=_default(found, chosen, wishes), image=_image(found, wishes))
    changed = adds and edit_config(cli, lambda source: scan_steps(source, chosen))
    if wishes.as_json:
        documents = [each.document(chosen, changed=changed) for each in found]
        print_json(documents[0] if len(documents) == 1 else {"ok": True, "providers": documents})
    elif adds:
        tell_file(cli, changed=changed)
        for label, ref in (("Default model", chosen.default), ("Image model", chosen.image)):
            if ref:
                click.echo(f"{label}: {ref}")
        if changed:
            click.echo(effect(PROVIDERS))


def _default(found: Sequence[Found], chosen: Chosen, wishes: Wishes) -> str | None:
    """The first of what is added, else the first that is offered."""
    if not wishes.set_default:
        return None
    added = [f"{each.setup.id}/{offer.id}" for each in found for offer in chosen.added.get(each.setup.id, ())]
    named = [f"{each.setup.id}/{name}" for each in found for name in wishes.models if name in each.ids]
    return next(iter((*named, *added, *(f"{each.setup.id}/{offer.id}" for each in found for offer in each.offers))))


def _image(found: Sequence[Found], wishes: Wishes) -> str | None:
    sees = (f"{each.setup.id}/{offer.id}" for each in found for offer in each.offers if "image" in (offer.input or ()))
    return next(sees, None) if wishes.set_image else None


def _show(found: Found, *, offers: bool) -> None:
    setup, rows = found.setup, found.rows()
    click.echo(printable(f"Provider {setup.id} at {found.shown_url}: {len(found.offers)} models, {len(found.new)} new"))
    for line in terminal_lines(("Model", "Input", "Ctx", "State"), rows[:MOST_SHOWN]):
        click.echo(line)
    if len(rows) > MOST_SHOWN:
        click.echo(f"… and {len(rows) - MOST_SHOWN} more; --json shows all")
    if found.better_url:
        place = f"models.providers.{setup.id}.baseUrl"
        tell(f"It answers at another address: openclaw config set {place} {found.better_url}")
    if found.new and offers and found.can_chat:
        tell(f"Add them: openclaw models scan --provider {setup.id} --yes")


def _agrees(found: Sequence[Found], wishes: Wishes) -> bool:
    """Whether a person at the terminal wants them; nobody else is asked."""
    has_work = any(each.new and each.can_chat for each in found) or wishes.set_default or wishes.set_image
    if wishes.as_json or not sys.stdin.isatty() or not has_work:
        return False
    return click.confirm("Add them to the config?", err=True)
