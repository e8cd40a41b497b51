"""`openclaw config restore`: an earlier text of the file put back, because somebody asked for it.

Source: config-and-cli §2.6.
"""

from __future__ import annotations

import click

from clawfleet.cli.config_report import try_and_say, write_and_say
from clawfleet.cli.config_source import WordsCommand
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.config.change import Edit, Planned, plan_text
from clawfleet.config.last_good import LAST_GOOD, kept_text, kept_texts


@click.command("restore", cls=WordsCommand)
@click.option("--from", "name", metavar="NAME", help="last-good, bak, bak.1 … bak.4. Default: last-good, else bak.")
@click.option("--dry-run", is_flag=True, help="Check only; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@pass_cli
def command(cli: CliContext, /, name: str | None, *, dry_run: bool, as_json: bool) -> int:
    """Put an earlier text of the config file back; the present one becomes the newest backup.

    `last-good` is what the gateway last started with, `bak` what the last change by a command replaced.
    """
    instance = cli.instance
    chosen = name or next(iter(kept_texts(instance)), LAST_GOOD)
    text = kept_text(instance, chosen)

    def plan(old: str | None) -> Planned:
        return plan_text(instance, old, text)

    whole = (Edit(()),)
    if dry_run:
        return try_and_say(instance, plan, whole, "value", as_json=as_json)
    shown = instance.shown(instance.config_path)
    write_and_say(instance, plan, whole, f"Restored {shown} from {chosen}.", as_json=as_json)
    return 0
