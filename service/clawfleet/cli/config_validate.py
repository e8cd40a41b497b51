"""`openclaw config validate`: everything that is wrong with the file, at once. Source: config-and-cli §2.5."""

from __future__ import annotations

import click

from clawfleet.cli.config_source import WordsCommand, read_config
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import failure_envelope, print_json, tell
from clawfleet.config.env import Instance
from clawfleet.config.load import check_text
from clawfleet.config.read import ConfigInvalid, Issue, issue_line
from clawfleet.core.errors import ConfigError, NotFoundError


@click.command("validate", cls=WordsCommand)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@pass_cli
def command(cli: CliContext, as_json: bool) -> int:
    """Check the file and say everything that is wrong with it. Runs no program that hands out secrets."""
    instance = cli.instance
    text = read_config(instance)
    if text is None:
        raise NotFoundError(f"Config file not found: {instance.shown(instance.config_path)}")
    try:
        warnings = check_text(instance, text, run_programs=False).warnings
    except ConfigInvalid as error:
        return print_invalid(instance, error, as_json=as_json)
    if as_json:
        print_json({"valid": True, "path": str(instance.config_path), "warnings": _rows(warnings)})
        return 0
    click.echo(f"Config valid: {instance.shown(instance.config_path)}")
    if warnings:
        click.echo(f"{len(warnings)} warning(s):")
    for issue in warnings:
        click.echo(f"  ! {issue.path}: {issue.message}")
    return 0


def print_invalid(instance: Instance, error: ConfigInvalid, *, as_json: bool) -> int:
    """Say what is wrong with the file; the exit code."""
    title = f"OpenClaw config is invalid: {instance.shown(instance.config_path)}"
    click.echo(title, err=True)
    for issue in error.issues:
        click.echo(issue_line(issue, error.path), err=True)
    tell("\nRun `openclaw doctor --fix` to repair, or fix the keys above manually.", err=True)
    tell("Inspect with openclaw config validate.", err=True)
    if as_json:
        told = ConfigError(title)
        print_json(failure_envelope(told, valid=False, path=str(instance.config_path), issues=_rows(error.issues)))
    return 1


def _rows(issues: tuple[Issue, ...]) -> list[dict[str, str]]:
    return [{"path": issue.path, "message": issue.message} for issue in issues]
