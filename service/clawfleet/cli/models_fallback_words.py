"""The four commands about a list of fallbacks, for whichever model they stand behind."""

from __future__ import annotations

import click

from clawfleet.cli.config_edit import edit_config
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.models_choice import Kind, choice_of, fallback_steps, meant
from clawfleet.cli.output import print_json
from clawfleet.core.errors import NotFoundError


class NoSuchFallback(NotFoundError):
    """The list does not have that model."""

    code = "NO_SUCH_FALLBACK"


def fallback_group(name: str, kind: Kind, title: str, note: str) -> click.Group:
    """`list|add|remove|clear` of the fallbacks behind `kind`; `note` is what people should know of them."""

    @click.group(name=name, help=f"{title}s, in the order in which they are tried.")
    def group() -> None:
        pass

    @group.command("list", help=f"Show the {title.lower()}s.")
    @click.option("--plain", is_flag=True, help="Only the names, one a line.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @pass_cli
    def list_command(cli: CliContext, plain: bool, as_json: bool) -> None:
        names = choice_of(cli.snapshot.source, kind).fallbacks
        if as_json:
            print_json({"fallbacks": list(names)})
            return
        if not plain:
            click.echo(f"{title}s ({len(names)}):{'' if names else ' none'}")
        for each in names:
            click.echo(each if plain else f"- {each}")

    @group.command("add", help=f"Put MODEL at the end of the {title.lower()}s.")
    @click.argument("model")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @pass_cli
    def add_command(cli: CliContext, model: str, as_json: bool) -> None:
        ref = meant(cli, model)
        names = choice_of(cli.snapshot.source, kind).fallbacks
        _keep(cli, kind, title, (*names, ref) if ref not in names else names, as_json=as_json)
        click.echo(f"! {note}", err=True)

    @group.command("remove", help=f"Take MODEL out of the {title.lower()}s.")
    @click.argument("model")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @pass_cli
    def remove_command(cli: CliContext, model: str, as_json: bool) -> None:
        names = choice_of(cli.snapshot.source, kind).fallbacks
        ref = model if model in names else meant(cli, model)
        if ref not in names:
            raise NoSuchFallback(f"{title} not found: {ref}", hint=f"there are: {', '.join(names) or 'none'}")
        _keep(cli, kind, title, tuple(each for each in names if each != ref), as_json=as_json)

    @group.command("clear", help=f"Take all {title.lower()}s away.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @pass_cli
    def clear_command(cli: CliContext, as_json: bool) -> None:
        edit_config(cli, lambda source: fallback_steps(source, kind, ()))
        if as_json:
            print_json({"ok": True, "fallbacks": []})
        else:
            click.echo(f"{title} list cleared.")

    return group


def _keep(cli: CliContext, kind: Kind, title: str, names: tuple[str, ...], *, as_json: bool) -> None:
    edit_config(cli, lambda source: fallback_steps(source, kind, names))
    if as_json:
        print_json({"ok": True, "fallbacks": list(names)})
    else:
        click.echo(f"{title}s: {', '.join(names) or 'none'}")
