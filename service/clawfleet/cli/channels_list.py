"""`openclaw channels list`: which accounts the config has; asks nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from clawfleet.channels.registry import CHANNELS, accounts_of
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json, tell

if TYPE_CHECKING:
    from clawfleet.channels.base import Account


@click.command("list")
@click.option("--all", "everything", is_flag=True, help="Also the channels that are not set up.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def command(cli: CliContext, everything: bool, as_json: bool) -> None:
    """List the accounts of the messaging channels."""
    accounts = accounts_of(cli.instance, cli.snapshot)
    absent = [name for name in CHANNELS if name not in {row.channel for row in accounts}] if everything else []
    if as_json:
        print_json({"chat": document(accounts) | {name: _row(name) for name in absent}})
        return
    click.echo("Chat channels:" if accounts or absent else "No chat channels configured.")
    for row in accounts:
        click.echo(f"- {CHANNELS[row.channel].label} {row.account}: {words(row)}")
    for name in absent:
        click.echo(f"- {CHANNELS[name].label}: not configured")
    if not accounts:
        tell(f"Set one up: openclaw channels add --channel {next(iter(CHANNELS))} --token <token>")


def words(row: Account) -> str:
    """`configured, token=config, enabled`."""
    parts = ["configured" if row.configured else "not configured", f"token={row.token_source}"]
    return ", ".join([*parts, "enabled" if row.enabled else "disabled", *([row.problem] if row.problem else [])])


def document(accounts: tuple[Account, ...]) -> dict[str, Any]:
    """The accounts by channel, for scripts."""
    found: dict[str, Any] = {}
    for row in accounts:
        channel = found.setdefault(row.channel, _row(row.channel))
        channel["accounts"].append(row.account)
        channel["configured"] = channel["configured"] or row.configured
    return found


def _row(name: str) -> dict[str, Any]:
    return {"accounts": [], "label": CHANNELS[name].label, "installed": True, "configured": False}
