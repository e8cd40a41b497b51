"""What the writing `config` commands say: what was changed, what it takes to be seen, what a dry run found."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click

from clawfleet.cli.config_source import read_config
from clawfleet.cli.config_words import effect_of, remarks
from clawfleet.cli.output import print_json, tell
from clawfleet.config.change import Edit, Planned, carry_out
from clawfleet.config.edit import NotSet
from clawfleet.config.env import Instance
from clawfleet.config.guard import WouldLose
from clawfleet.config.path import KeyPath, show_path
from clawfleet.core.errors import RequestError

Plan = Callable[[str | None], Planned]


def write_and_say(instance: Instance, plan: Plan, edits: Sequence[Edit], done: str, *, as_json: bool) -> None:
    """Make the change, and say so in the words of `done`; what else there is to say about it goes to stderr."""
    is_changed, planned = carry_out(instance, plan)
    _warn(planned, [edit.path for edit in edits])
    text = f"{done} {effect_of(planned)}" if is_changed else "No change"
    if as_json:
        paths = [show_path(edit.path) for edit in edits] if is_changed else []
        print_json({"ok": True, "message": text, "paths": paths})
    else:
        click.echo(text)


def try_and_say(instance: Instance, plan: Plan, edits: Sequence[Edit], mode: str, *, as_json: bool) -> int:
    """Plan without writing; in JSON the shape that OpenClaw's dry run has. The exit code."""
    failure: RequestError | None = None
    planned: Planned | None = None
    try:
        planned = plan(read_config(instance))
    except RequestError as error:
        if not as_json:
            raise
        failure = error
    checked, skipped = planned.after.refs if planned and planned.after else (0, 0)
    open_refs = _open_refs(planned, [edit.path for edit in edits]) if planned else []
    if not as_json:
        for text in open_refs:
            click.echo(f"✗ {text}", err=True)
        if skipped:
            click.echo(
                f"Dry run note: skipped {skipped} exec SecretRef resolvability check(s) (--allow-exec)", err=True
            )
        if open_refs:
            return 1
        shown = instance.shown(instance.config_path)
        click.echo(f"Dry run successful: {len(edits)} update(s) validated against {shown}.")
        return 0
    errors = [{"kind": _kind(failure), "message": failure.message}] if failure else []
    errors += [{"kind": "resolvability", "message": text} for text in open_refs]
    report: dict[str, object] = {
        "ok": not errors,
        "operations": len(edits),
        "configPath": str(instance.config_path),
        "inputModes": [mode],
        "checks": {"schema": True, "resolvability": True, "resolvabilityComplete": skipped == 0},
        "refsChecked": checked,
        "skippedExecRefs": skipped,
    }
    print_json(report | ({"errors": errors} if errors else {}))
    return 1 if errors else 0


def _kind(error: RequestError) -> str:
    if isinstance(error, NotSet):
        return "missing-path"
    return "conflict" if isinstance(error, WouldLose) or error.code == "CONFIG_CHANGED" else "schema"


def _open_refs(planned: Planned, paths: Sequence[KeyPath]) -> list[str]:
    """What there is to say of secrets below the changed keys that cannot be had."""
    shown = [show_path(path) for path in paths]
    warnings = planned.after.warnings if planned.after else ()
    return [
        f"{issue.path}: {issue.message}"
        for issue in warnings
        if issue.message.startswith("secret ") and any(issue.path.startswith(path) for path in shown)
    ]


def _warn(planned: Planned, paths: Sequence[KeyPath]) -> None:
    """Say on stderr what is still wrong with the file, and what the change brings along."""
    for text in dict.fromkeys(text for path in paths if path for text in remarks(planned, path)):
        tell(f"! {text}", err=True)
    if planned.standing:
        click.echo("The config still has other errors:", err=True)
    for issue in planned.standing:
        click.echo(f"  ! {issue.path}: {issue.message}", err=True)
