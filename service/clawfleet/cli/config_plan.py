"""`openclaw config plan`: what the file, as it is now, would change. Source: config-and-cli §7."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from clawfleet.cli.config_source import read_config
from clawfleet.cli.config_validate import print_invalid
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.cli.target import Ask, asks_gateway, open_gateway
from clawfleet.config.change import new_file_text
from clawfleet.config.load import check_text
from clawfleet.config.plan import Change, plan, row_of
from clawfleet.config.read import ConfigInvalid
from clawfleet.core.text import printable
from clawfleet.host.lock import read_lock


@click.command("plan")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@asks_gateway
@pass_cli
def command(context: CliContext, ask: Ask, *, as_json: bool) -> int:
    """Show each key that the config file would change, from what to what, and whether that needs a restart.

    Compares with what the running gateway uses; without one, with the defaults.
    """
    instance = context.instance
    text = read_config(instance)
    try:
        after = check_text(instance, new_file_text() if text is None else text, run_programs=False)
    except ConfigInvalid as error:
        return print_invalid(instance, error, as_json=as_json)
    lock = read_lock(instance.store_dir)
    is_running = (lock is not None and lock.alive) or ask.url is not None or ask.port is not None
    if is_running:
        with open_gateway(context, ask) as gateway:
            answer = gateway.call("config.plan")
        changes = [Change(row["path"], row["old"], row["new"], row["kind"]) for row in answer["changes"]]
        mode, restarts = answer["mode"], answer["restarts"]
    else:
        changes = list(plan(check_text(instance, "{}"), after))
        mode = after.config.gateway.reload.mode
        restarts = any(change.kind == "restart" for change in changes)
    report = {
        "path": str(instance.config_path),
        "comparedWith": "running gateway" if is_running else "defaults",
        "mode": mode,
        "restarts": restarts,
        "changes": [_row(change) for change in changes],
    }
    if as_json:
        print_json(report)
    else:
        _print(report, changes)
    return 0


def _row(change: Change) -> dict[str, object]:
    return {"path": change.path, "old": change.old, "new": change.new, "kind": change.kind}


def _print(report: Mapping[str, Any], changes: Sequence[Change]) -> None:
    compared = "the running gateway" if report["comparedWith"] == "running gateway" else "the defaults (none runs here)"
    if not changes:
        click.echo(f"No difference from {compared}.")
        return
    click.echo(f"{len(changes)} difference(s) from {compared}:")
    for change in changes:
        click.echo(f"  {printable(row_of(change))}")
    if report["comparedWith"] == "running gateway":
        click.echo(_outlook(report["mode"], restarts=report["restarts"]))


def _outlook(mode: str, *, restarts: bool) -> str:
    """What will come of it, by `gateway.reload.mode`."""
    if mode == "off":
        return "gateway.reload.mode is off: restart the gateway to apply."
    if not restarts:
        return "They apply without a restart."
    if mode == "hot":
        return "gateway.reload.mode is hot: those marked restart wait until the gateway is restarted."
    return "The gateway restarts for them, once running turns have ended."
