"""How commands other than `config` change the file: a few keys at once, whole or not at all, comments kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from clawfleet.cli.context import CliContext
from clawfleet.config.change import Edit, Planned, as_meant, carry_out, new_file_text, plan_edits
from clawfleet.config.path import look_up
from clawfleet.config.read import expanded

Edits = Callable[[Mapping[str, Any]], Sequence[Edit]]
"""What to change, given what the config says."""


def edit_config(cli: CliContext, edits: Edits) -> bool:
    """Whether the edits made another config; other errors that it had and has are told on stderr.

    Taking out what is not there is fine. Raises ChangeInvalid, CannotWrite, ReadOnlyConfig, ConfigInvalid and
    WouldFlatten; then nothing is written.
    """
    instance = cli.instance

    def plan(old: str | None) -> Planned:
        source = expanded(instance, new_file_text() if old is None else old)
        wanted = [edit for edit in edits(source) if not edit.removes or _is_there(source, edit)]
        return plan_edits(instance, old, wanted, "replace")

    changed, planned = carry_out(instance, plan)
    for issue in planned.standing:
        click.echo(f"! {issue.path}: {issue.message}", err=True)
    return changed


def tell_file(cli: CliContext, *, changed: bool) -> None:
    """Print which file was changed and where its older version is."""
    shown = cli.instance.shown(cli.instance.config_path)
    if not changed:
        click.echo(f"No change: {shown}")
        return
    click.echo(f"Updated config: {shown}")
    if cli.instance.config_path.with_name(f"{cli.instance.config_path.name}.bak").exists():
        click.echo(f"  Backup: {shown}.bak")


def _is_there(source: Mapping[str, Any], edit: Edit) -> bool:
    try:
        look_up(source, as_meant(edit.path))
    except KeyError:
        return False
    return True
