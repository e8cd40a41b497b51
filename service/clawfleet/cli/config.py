"""`openclaw config`: read, change and check the config file. Source: config-and-cli §3 and §2.5."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from clawfleet.cli.config_words import defaults_beside, effect, not_there, remarks
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import failure_envelope, print_json
from clawfleet.config.change import Mode, Planned, new_file_text, parse_value, plan_set, plan_unset
from clawfleet.config.edit import NotSet
from clawfleet.config.env import Instance
from clawfleet.config.load import ConfigInvalid, Issue, check_text, issue_line, parse_text
from clawfleet.config.path import KeyPath, look_up, parse_path, show_path
from clawfleet.config.redacted import redacted
from clawfleet.config.roster import with_both
from clawfleet.config.schema import json_schema
from clawfleet.config.write import change_file, read_exactly
from clawfleet.core.errors import ConfigError, GatewayError, HostError, NotFoundError, RequestError


class TooManyArguments(RequestError):
    """More words than the command takes."""

    code = "TOO_MANY_ARGUMENTS"
    exit_code = 1


class CannotRead(HostError):
    """The operating system refused, or what is there is no file."""

    code = "CONFIG_UNREADABLE"


class WordsCommand(click.Command):
    """A command whose last argument may start with a dash, as `-100123` does, and that says when words are left."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.context_settings = {"ignore_unknown_options": True, "allow_extra_args": True, **self.context_settings}

    def invoke(self, ctx: click.Context) -> Any:
        """Run it, unless words are left over."""
        if ctx.args and ctx.args[0].startswith("--"):
            raise click.NoSuchOption(ctx.args[0], ctx=ctx)
        if ctx.args:
            raise TooManyArguments("Too many arguments for this command.", hint=ctx.get_usage())
        return super().invoke(ctx)


@click.group(name="config")
@pass_cli
def command(cli: CliContext) -> None:
    """Read, change and check the config file."""
    for warning in cli.instance.warnings:
        click.echo(f"! {warning}", err=True)


@command.command("get", cls=WordsCommand)
@click.argument("path")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, also for strings and failures.")
@pass_cli
def get_command(cli: CliContext, path: str, as_json: bool) -> None:
    """Print what the file says at PATH; secrets are blacked out."""
    keys = parse_path(path)
    source = parse_text(_read(cli.instance) or new_file_text(), cli.instance.config_path)
    try:
        value = redacted(look_up(source if len(keys) == 1 else with_both(source), keys), keys)
    except KeyError:
        raise not_there(cli.instance, keys) from None
    if as_json or not isinstance(value, str):
        print_json(value)
    else:
        click.echo(value)


@command.command("set", cls=WordsCommand)
@click.argument("path")
@click.argument("value")
@click.option("--strict-json", is_flag=True, help="VALUE must be JSON.")
@click.option("--json", "as_json", is_flag=True, help="As --strict-json, and answer in JSON.")
@click.option("--dry-run", is_flag=True, help="Check only; write nothing.")
@click.option("--merge", is_flag=True, help="Add to what is there instead of replacing it.")
@click.option("--replace", is_flag=True, help="Replace, also when entries are lost.")
@pass_cli
def set_command(
    cli: CliContext,
    path: str,
    value: str,
    *,
    strict_json: bool,
    as_json: bool,
    dry_run: bool,
    merge: bool,
    replace: bool,
) -> int:
    """Set PATH to VALUE (JSON5, else text) and keep the rest of the file as it is."""
    if merge and replace:
        raise click.UsageError("--merge and --replace exclude each other")
    instance, keys = cli.instance, parse_path(path)
    mode: Mode = "merge" if merge else "replace" if replace else "guarded"
    new = parse_value(value, keys, strict=strict_json or as_json)
    if dry_run:
        return _dry_run(instance, keys, new, mode, as_json=as_json)
    is_new = _read(instance) is None
    changed = _write(instance, keys, lambda old: plan_set(instance, old, keys, new, mode))
    if is_new:
        also = ", ".join(defaults_beside(keys))
        click.echo(f"Created {instance.shown(instance.config_path)}{f' with {also}' if also else ''}", err=True)
    _say(f"Updated {path}. {effect(keys)}" if changed else "No change", keys if changed else None, as_json=as_json)
    return 0


@command.command("unset", cls=WordsCommand)
@click.argument("path")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@pass_cli
def unset_command(cli: CliContext, path: str, as_json: bool) -> None:
    """Remove PATH from the file. Nothing there is no failure: scripts unset blindly."""
    instance, keys = cli.instance, parse_path(path)
    try:
        if _read(instance) is None:
            raise NotSet(f"Config file not found: {instance.config_path}")
        _write(instance, keys, lambda old: plan_unset(instance, old or "{}", keys))
    except NotSet:
        text = f"Config path not found: {path}. Nothing was changed."
        click.echo(text, err=True)
        if as_json:
            print_json({"ok": True, "message": text, "paths": []})
        return
    _say(f"Removed {path}. {effect(keys)}", keys, as_json=as_json)


@command.command("file", cls=WordsCommand)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@pass_cli
def file_command(cli: CliContext, as_json: bool) -> None:
    """Print where the config file is, or would be."""
    path = str(cli.instance.config_path)
    if as_json:
        print_json({"path": path})
    else:
        click.echo(path)


@command.command("schema", cls=WordsCommand)
def schema_command() -> None:
    """Print the JSON Schema of the file."""
    print_json(json_schema())


@command.command("validate", cls=WordsCommand)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@pass_cli
def validate_command(cli: CliContext, as_json: bool) -> int:
    """Check the file and say everything that is wrong with it."""
    instance = cli.instance
    text = _read(instance)
    if text is None:
        raise NotFoundError(f"Config file not found: {instance.shown(instance.config_path)}")
    try:
        warnings = check_text(instance, text).warnings
    except ConfigInvalid as error:
        return _print_invalid(instance, error, as_json=as_json)
    if as_json:
        print_json({"valid": True, "path": str(instance.config_path), "warnings": _rows(warnings)})
        return 0
    click.echo(f"Config valid: {instance.shown(instance.config_path)}")
    if warnings:
        click.echo(f"{len(warnings)} warning(s):")
    for issue in warnings:
        click.echo(f"  ! {issue.path}: {issue.message}")
    return 0


def _write(instance: Instance, keys: KeyPath, plan: Callable[[str | None], Planned]) -> bool:
    """Whether the planned change made another file; what there is to say about it goes to stderr."""
    planned: list[Planned] = []

    def change(old: str | None) -> str:
        planned.append(plan(old))
        return planned[0].text

    changed = change_file(instance.config_path, instance.environ, change)
    _warn(planned[0], keys)
    return changed


def _print_invalid(instance: Instance, error: ConfigInvalid, *, as_json: bool) -> int:
    title = f"OpenClaw config is invalid: {instance.shown(instance.config_path)}"
    click.echo(title, err=True)
    for issue in error.issues:
        click.echo(issue_line(issue, error.path), err=True)
    click.echo("\nRun `openclaw doctor --fix` to repair, or fix the keys above manually.", err=True)
    click.echo("Inspect with openclaw config validate.", err=True)
    if as_json:
        told = ConfigError(title)
        print_json(failure_envelope(told, valid=False, path=str(instance.config_path), issues=_rows(error.issues)))
    return 1


def _dry_run(instance: Instance, keys: KeyPath, value: object, mode: Mode, *, as_json: bool) -> int:
    """Plan without writing; in JSON the shape that OpenClaw's dry run has."""
    failure: GatewayError | None = None
    try:
        plan_set(instance, _read(instance), keys, value, mode)
    except RequestError as error:
        if not as_json:
            raise
        failure = error
    if not as_json:
        click.echo(f"Dry run successful: 1 update(s) validated against {instance.shown(instance.config_path)}.")
        return 0
    report: dict[str, object] = {
        "ok": failure is None,
        "operations": 1,
        "configPath": str(instance.config_path),
        "inputModes": ["json"],
        "checks": {"schema": True, "resolvability": True, "resolvabilityComplete": True},
        "refsChecked": 0,
        "skippedExecRefs": 0,
    }
    if failure is not None:
        kind = "schema" if failure.code == "CONFIG_CHANGE_INVALID" else "conflict"
        report["errors"] = [{"kind": kind, "message": failure.message}]
    print_json(report)
    return 0 if failure is None else 1


def _read(instance: Instance) -> str | None:
    """The text of the config file, None when there is none. Raises ConfigInvalid, CannotRead (exit 1)."""
    try:
        return read_exactly(instance.config_path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError as error:
        raise ConfigInvalid(instance.config_path, (Issue("<root>", "not UTF-8"),)) from error
    except OSError as error:
        raise CannotRead(
            f"cannot read {instance.config_path}: {error.strerror}",
            hint="it must be a file you may read; OPENCLAW_CONFIG_PATH names another one",
        ) from error


def _say(message: str, keys: KeyPath | None, *, as_json: bool) -> None:
    if as_json:
        print_json({"ok": True, "message": message, "paths": [show_path(keys)] if keys else []})
    else:
        click.echo(message)


def _warn(planned: Planned, keys: KeyPath) -> None:
    """Say on stderr what is still wrong with the file, and what the change brings along."""
    for text in remarks(planned, keys):
        click.echo(f"! {text}", err=True)
    if planned.standing:
        click.echo("The config still has other errors:", err=True)
    for issue in planned.standing:
        click.echo(f"  ! {issue.path}: {issue.message}", err=True)


def _rows(issues: tuple[Issue, ...]) -> list[dict[str, str]]:
    return [{"path": issue.path, "message": issue.message} for issue in issues]
