"""`openclaw config set`: one key, a batch, a SecretRef; the rest of the file stays as it is.

Source: config-and-cli §3.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

from clawfleet.cli.config_given import check_expected, read_given_edits
from clawfleet.cli.config_report import try_and_say, write_and_say
from clawfleet.cli.config_source import WordsCommand, read_config, read_given
from clawfleet.cli.config_words import defaults_beside
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.config.change import Mode, NotJson, Planned, plan_edits
from clawfleet.config.path import show_path
from clawfleet.config.read import expanded

MAX_BATCH_BYTES = 8 * 1024 * 1024


def _many(name: str, help_text: str) -> Callable[[Any], Any]:
    return click.option(name, multiple=True, metavar="TEXT", help=help_text)


@click.command(
    "set",
    cls=WordsCommand,
    epilog="""\b
Examples:
  openclaw config set gateway.port 19001
  openclaw config set agents.defaults.models '{"x/m": {}}' --merge
  openclaw config set models.providers.x.apiKey --ref-source env \\
    --ref-id X_API_KEY
  openclaw config set --batch-file provider.json --dry-run""",
)
@click.argument("path", required=False)
@click.argument("value", required=False)
@click.option("--strict-json", is_flag=True, help="VALUE must be JSON.")
@click.option("--json", "as_json", is_flag=True, help="As --strict-json, and answer in JSON.")
@click.option("--dry-run", is_flag=True, help="Check only; write nothing.")
@click.option("--allow-exec", is_flag=True, help="With --dry-run: also run programs that hand out secrets.")
@click.option("--merge", is_flag=True, help="Add to what is there instead of replacing it.")
@click.option("--replace", is_flag=True, help="Replace, also when entries are lost.")
@click.option("--batch-json", metavar="JSON", help="Several at once: [{path, value | ref | provider}, …].")
@click.option("--batch-file", metavar="FILE", help="The same from a file.")
@click.option("--expect-current-json", metavar="JSON", help="Only if the file says this at PATH now.")
@click.option("--expect-current-absent", is_flag=True, help="Only if the file does not set PATH now.")
@click.option("--ref-source", metavar="SOURCE", help="Set a SecretRef: env, file, exec.")
@click.option("--ref-provider", metavar="NAME", help="Its provider; `default` when not named.")
@click.option("--ref-id", metavar="ID", help="Its id.")
@click.option("--provider-source", metavar="SOURCE", help="Set a provider of secrets: env, file, exec.")
@_many("--provider-allowlist", "env: a variable that it may hand out.")
@click.option("--provider-path", metavar="FILE", help="file: where it is.")
@click.option("--provider-mode", metavar="MODE", help="file: json or singleValue.")
@click.option("--provider-max-bytes", type=int, metavar="N", help="file: largest size.")
@click.option("--provider-command", metavar="FILE", help="exec: the program.")
@_many("--provider-arg", "exec: an argument.")
@click.option("--provider-timeout-ms", type=int, metavar="MS", help="exec: longest it may take.")
@click.option("--provider-max-output-bytes", type=int, metavar="N", help="exec: most that it may say.")
@click.option("--provider-json-only", is_flag=True, help="exec: it answers in JSON.")
@_many("--provider-env", "exec: KEY=VALUE that it gets.")
@_many("--provider-pass-env", "exec: a variable that it gets from the environment.")
@_many("--provider-trusted-dir", "exec: a directory that it must lie in.")
@pass_cli
def command(cli: CliContext, /, path: str | None, value: str | None, **flags: Any) -> int:
    """Set PATH to VALUE (JSON5, else text) and keep the rest of the file as it is."""
    _refuse_mixtures(flags)
    instance = cli.instance
    batch = flags["batch_json"]
    if flags["batch_file"] is not None:
        batch = read_given(flags["batch_file"], MAX_BATCH_BYTES)
    given = read_given_edits(path, value, batch, flags)
    mode: Mode = "merge" if flags["merge"] else "replace" if flags["replace"] else "guarded"
    expected = _expected(flags["expect_current_json"])

    def plan(old: str | None) -> Planned:
        if expected is not None or flags["expect_current_absent"]:
            source = expanded(instance, old) if old is not None else {}
            check_expected(source, given.edits[0].path, flags, expected)
        return plan_edits(instance, old, given.edits, mode, run_programs=flags["allow_exec"])

    if flags["dry_run"]:
        return try_and_say(instance, plan, given.edits, given.mode, as_json=flags["as_json"])
    is_new = read_config(instance) is None
    count = len(given.edits)
    done = f"Updated {path}." if count == 1 and path else f"Updated {_counted(given.edits[0].path, count)}."
    write_and_say(instance, plan, given.edits, done, as_json=flags["as_json"])
    if is_new:
        also = ", ".join(defaults_beside({edit.path for edit in given.edits}))
        click.echo(f"Created {instance.shown(instance.config_path)}{f' with {also}' if also else ''}", err=True)
    return 0


def _counted(first: tuple[str | int, ...], count: int) -> str:
    return show_path(first) if count == 1 else f"{count} config paths"


def _refuse_mixtures(flags: dict[str, Any]) -> None:
    for one, other in (
        ("merge", "replace"),
        ("batch_json", "batch_file"),
        ("expect_current_json", "expect_current_absent"),
        *((expects, batch) for expects in ("expect_current_json", "expect_current_absent") for batch in _BATCHES),
    ):
        if flags[one] not in (None, False) and flags[other] not in (None, False):
            names = [f"--{name.replace('_', '-')}" for name in (one, other)]
            raise click.UsageError(f"{names[0]} and {names[1]} exclude each other")


_BATCHES = ("batch_json", "batch_file")


def _expected(text: str | None) -> object:
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError:
        raise NotJson(f'Could not parse "{text}" as JSON for --expect-current-json.') from None
