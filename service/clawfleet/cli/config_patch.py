"""`openclaw config patch`: a piece of config merged into the file. Source: config-and-cli §3."""

from __future__ import annotations

import sys

import click

from clawfleet.cli.config_report import try_and_say, write_and_say
from clawfleet.cli.config_source import WordsCommand, bounded, read_config, read_given
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.config.change import Planned, new_file_text, plan_edits
from clawfleet.config.patch import edits_of_patch
from clawfleet.config.read import expanded
from clawfleet.config.rewrite import read_raw

MAX_FILE_BYTES = 8 * 1024 * 1024
MAX_STDIN_BYTES = 1024 * 1024


@click.command(
    "patch",
    cls=WordsCommand,
    epilog="""\b
Examples:
  openclaw config patch --file add-provider.json5 --dry-run
  echo '{tools: {profile: "messaging"}}' | openclaw config patch --stdin""",
)
@click.option("--file", "file", metavar="FILE", help="The patch, as JSON5.")
@click.option("--stdin", is_flag=True, help="Read the patch from standard input.")
@click.option("--replace-path", multiple=True, metavar="PATH", help="Replace what is there instead of merging into it.")
@click.option("--dry-run", is_flag=True, help="Check only; write nothing.")
@click.option("--allow-exec", is_flag=True, help="With --dry-run: also run programs that hand out secrets.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@pass_cli
def command(
    cli: CliContext,
    /,
    file: str | None,
    *,
    stdin: bool,
    replace_path: tuple[str, ...],
    dry_run: bool,
    allow_exec: bool,
    as_json: bool,
) -> int:
    """Merge a piece of config into the file: objects merge, lists replace, null removes."""
    if stdin == (file is not None):
        raise click.UsageError("give the patch with --file FILE or with --stdin")
    instance = cli.instance
    if file is not None:
        raw = read_given(file, MAX_FILE_BYTES)
    else:
        raw = bounded(sys.stdin.buffer.read(MAX_STDIN_BYTES + 1), "standard input", MAX_STDIN_BYTES)
    patch = read_raw(raw)

    def plan(old: str | None) -> Planned:
        source = expanded(instance, new_file_text() if old is None else old)
        return plan_edits(instance, old, edits_of_patch(source, patch, replace_path), "patch", run_programs=allow_exec)

    now = expanded(instance, read_config(instance) or new_file_text())
    edits = edits_of_patch(now, patch, replace_path)
    if dry_run:
        return try_and_say(instance, plan, edits, "json", as_json=as_json)
    write_and_say(instance, plan, edits, f"Applied {len(edits)} config update(s).", as_json=as_json)
    return 0
