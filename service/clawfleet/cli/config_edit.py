"""How commands other than `config` change the file: a few keys at once, whole or not at all, comments kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from clawfleet.cli.context import CliContext
from clawfleet.config.change import Planned, new_file_text, plan_set, plan_unset
from clawfleet.config.edit import NotSet
from clawfleet.config.path import KeyPath
from clawfleet.config.read import parse_text
from clawfleet.config.write import change_file


@dataclass(frozen=True, slots=True)
class Step:
    """One key to set; with `removes` to take out, where nothing to take out is fine."""

    path: KeyPath
    value: object = None
    removes: bool = False


Steps = Callable[[Mapping[str, Any]], Sequence[Step]]
"""What to change, given what the file says."""


def edit_config(cli: CliContext, steps: Steps) -> bool:
    """Whether the steps made another file; other errors that it had and has are told on stderr.

    Raises ChangeInvalid, CannotWrite, ReadOnlyConfig, ConfigInvalid; then nothing is written.
    """
    instance = cli.instance
    planned: list[Planned] = []

    def change(old: str | None) -> str:
        source = parse_text(new_file_text() if old is None else old, instance.config_path)
        text = old
        for step in steps(source):
            planned.append(_planned(cli, text, step))
            text = planned[-1].text
        return new_file_text() if text is None else text

    changed = change_file(instance.config_path, instance.environ, change)
    for issue in planned[-1].standing if planned else ():
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


def _planned(cli: CliContext, text: str | None, step: Step) -> Planned:
    if not step.removes:
        return plan_set(cli.instance, text, step.path, step.value, "replace")
    before = new_file_text() if text is None else text
    try:
        return plan_unset(cli.instance, before, step.path)
    except NotSet:
        return Planned(before, (), None, None)
