"""`openclaw models aliases`: short names for models. Source: config-and-cli §10, models-and-auth §2.1."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import click

from clawfleet.cli.config_edit import edit_config
from clawfleet.cli.config_words import effect
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.models_choice import allow_steps, mapping_at, meant
from clawfleet.cli.output import print_json
from clawfleet.config.change import Edit
from clawfleet.core.errors import NotFoundError, RequestError

MODELS = ("agents", "defaults", "models")
_NAME = re.compile(r"[A-Za-z0-9][\w.:-]{0,63}", re.ASCII)


class BadAlias(RequestError):
    """The name cannot be an alias, or is one of another model."""

    code = "BAD_ALIAS"
    exit_code = 1


class NoSuchAlias(NotFoundError):
    """No model has that short name in the config."""

    code = "NO_SUCH_ALIAS"


@click.group(name="aliases", epilog="\b\nExamples:\n  openclaw models aliases add fast openai/gpt-5.4-mini")
def command() -> None:
    """Short names for models, usable wherever a model is named."""


@command.command("list")
@click.option("--plain", is_flag=True, help="Only `alias model`, one a line.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def list_command(cli: CliContext, plain: bool, as_json: bool) -> None:
    """Show the aliases."""
    found = aliases_of(cli.snapshot.source)
    if as_json:
        print_json({"aliases": found})
        return
    if not plain:
        click.echo(f"Aliases ({len(found)}):{'' if found else ' none'}")
    for name, ref in found.items():
        click.echo(f"{name} {ref}" if plain else f"- {name} -> {ref}")


@command.command("add")
@click.argument("alias")
@click.argument("model")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def add_command(cli: CliContext, alias: str, model: str, as_json: bool) -> None:
    """Let ALIAS mean MODEL. A model has one alias; this one replaces an older one."""
    if not _NAME.fullmatch(alias):
        raise BadAlias(f'"{alias}" cannot be an alias', hint="use letters, digits, and . _ : - behind the first")
    ref = meant(cli, model)

    def edits(source: Mapping[str, Any]) -> list[Edit]:
        owner = _owner(source, alias)
        if owner not in (None, ref):
            raise BadAlias(f"Alias {alias} already means {owner}", hint=f"openclaw models aliases remove {alias}")
        return [Edit((*MODELS, ref, "alias"), alias), *allow_steps(source, ref)]

    _finish(cli, alias, ref, changed=edit_config(cli, edits), as_json=as_json)


@command.command("remove")
@click.argument("alias")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def remove_command(cli: CliContext, alias: str, as_json: bool) -> None:
    """Remove ALIAS; the model stays."""

    def edits(source: Mapping[str, Any]) -> list[Edit]:
        owner = _owner(source, alias)
        if owner is None:
            names = ", ".join(aliases_of(source)) or "none"
            raise NoSuchAlias(f"Alias not found: {alias}", hint=f"there are: {names}")
        row = mapping_at(source, *MODELS, owner)
        return [Edit((*MODELS, owner, "alias") if len(row) > 1 else (*MODELS, owner), removes=True)]

    edit_config(cli, edits)
    if as_json:
        print_json({"ok": True, "removed": alias})
    else:
        click.echo(f"Removed alias: {alias}")


def aliases_of(source: Mapping[str, Any]) -> dict[str, str]:
    """Short name → ref, as a config text says them."""
    rows = mapping_at(source, *MODELS)
    names = {ref: row.get("alias") for ref, row in rows.items() if isinstance(row, Mapping)}
    return {name.strip(): ref for ref, name in names.items() if isinstance(name, str) and name.strip()}


def _owner(source: Mapping[str, Any], alias: str) -> str | None:
    return next((ref for name, ref in aliases_of(source).items() if name.lower() == alias.lower()), None)


def _finish(cli: CliContext, alias: str, ref: str, *, changed: bool, as_json: bool) -> None:
    if as_json:
        print_json({"ok": True, "alias": alias, "model": ref, "changed": changed})
        return
    click.echo(f"Alias {alias} -> {ref}")
    if changed:
        click.echo(effect(MODELS))
