"""The four commands about a list of fallbacks, for whichever model they stand behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, update_wrapper

import click

from clawfleet.cli.config_edit import edit_config
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.models_choice import Kind, allow_steps, choice_of, fallback_steps, meant
from clawfleet.cli.output import print_json
from clawfleet.core.errors import NotFoundError


class NoSuchFallback(NotFoundError):
    """The list does not have that model."""

    code = "NO_SUCH_FALLBACK"


def fallback_group(name: str, kind: Kind, title: str) -> click.Group:
    """`list|add|remove|clear` of the fallbacks behind `kind`."""
    names = f"{title.lower()}s"
    model, as_json = click.Argument(["model"]), click.Option(["--json", "as_json"], is_flag=True, help="Print JSON.")
    plain = click.Option(["--plain"], is_flag=True, help="Only the names, one a line.")

    def make(word: str, help_text: str, act: Callable[..., None], *params: click.Parameter) -> click.Command:
        return click.Command(
            word, params=[*params, as_json], help=help_text, callback=pass_cli(update_wrapper(partial(act, words), act))
        )

    words = _Words(kind, title)
    commands = [
        make("list", f"Show the {names}.", _show, plain),
        make("add", f"Put MODEL at the end of the {names}.", _add, model),
        make("remove", f"Take MODEL out of the {names}.", _remove, model),
        make("clear", f"Remove all {names}.", _clear),
    ]
    return click.Group(
        name,
        {each.name or "": each for each in commands},
        help=f"{title}s, in the order in which they are tried.",
        epilog=f"\b\nExamples:\n  openclaw models {name} add openai/gpt-5.4-mini\n  openclaw models {name} list",
    )


@dataclass(frozen=True, slots=True)
class _Words:
    kind: Kind
    title: str


def _show(words: _Words, cli: CliContext, /, *, plain: bool, as_json: bool) -> None:
    names = choice_of(cli.snapshot.source, words.kind).fallbacks
    if as_json:
        print_json({"fallbacks": list(names)})
        return
    if not plain:
        click.echo(f"{words.title}s ({len(names)}):{'' if names else ' none'}")
    for each in names:
        click.echo(each if plain else f"- {each}")


def _add(words: _Words, cli: CliContext, /, *, model: str, as_json: bool) -> None:
    ref = meant(cli, model)
    names = choice_of(cli.snapshot.source, words.kind).fallbacks
    _keep(words, cli, (*names, ref) if ref not in names else names, as_json=as_json)


def _remove(words: _Words, cli: CliContext, /, *, model: str, as_json: bool) -> None:
    names = choice_of(cli.snapshot.source, words.kind).fallbacks
    ref = model if model in names else meant(cli, model)
    if ref not in names:
        raise NoSuchFallback(f"{words.title} not found: {ref}", hint=f"there are: {', '.join(names) or 'none'}")
    _keep(words, cli, tuple(each for each in names if each != ref), as_json=as_json)


def _clear(words: _Words, cli: CliContext, /, *, as_json: bool) -> None:
    edit_config(cli, lambda source: fallback_steps(source, words.kind, ()))
    if as_json:
        print_json({"ok": True, "fallbacks": []})
    else:
        click.echo(f"{words.title} list cleared.")


def _keep(words: _Words, cli: CliContext, names: tuple[str, ...], *, as_json: bool) -> None:
    edit_config(cli, lambda source: [*fallback_steps(source, words.kind, names), *allow_steps(source, *names)])
    if as_json:
        print_json({"ok": True, "fallbacks": list(names)})
    else:
        click.echo(f"{words.title}s: {', '.join(names) or 'none'}")
