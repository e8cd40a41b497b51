"""`openclaw channels logout`: an account without its credentials; a running gateway hangs up at once."""

from __future__ import annotations

from typing import Any

import click

from clawfleet.channels.credentials import forget_credentials
from clawfleet.channels.registry import accounts_of
from clawfleet.cli.channels_named import account_of, check_account, listing_of
from clawfleet.cli.client import CallFailed
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.cli.target import Ask, find_place, open_gateway


@click.command("logout", epilog="\b\nExamples:\n  openclaw channels logout --channel telegram")
@click.option("--channel", "name", required=True, metavar="CHANNEL", help="Which channel.")
@click.option("--account", metavar="ID", help="Which account. Only `default` is kept.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def command(cli: CliContext, name: str, account: str | None, *, as_json: bool) -> None:
    """Disconnect an account and take its credentials out of the config."""
    channel, listing = listing_of(name)
    account_id = check_account(account)
    account_of(cli, channel)
    done = _ask(cli, channel, account_id) or _forget(cli, channel, account_id)
    if as_json:
        print_json(done)
        return
    what = "Logged out of" if done["cleared"] else "The config has no credentials of"
    click.echo(f'{what} {listing.label} account "{account_id}".')
    if done["envToken"]:
        click.echo("! The environment still has a token for it, which is used.", err=True)


def _ask(cli: CliContext, channel: str, account_id: str) -> dict[str, Any] | None:
    """The answer of this instance's running gateway; None when none runs, or it has not heard of the account yet."""
    lock = find_place(cli).lock
    if lock is None or not lock.alive:
        return None
    with open_gateway(cli, Ask()) as gateway:
        try:
            return dict(gateway.call("channels.logout", {"channel": channel, "accountId": account_id}))
        except CallFailed as error:
            if error.error.get("code") != "INVALID_REQUEST":
                raise
            return None


def _forget(cli: CliContext, channel: str, account_id: str) -> dict[str, Any]:
    cleared = forget_credentials(cli.instance, channel)
    after = CliContext(cli.profile, cli.dev, cli.color, cli.environ, cli.cwd)
    still = any(row.channel == channel and row.configured for row in accounts_of(after.instance, after.snapshot))
    return {
        "channel": channel,
        "accountId": account_id,
        "cleared": cleared,
        "loggedOut": not still,
        "envToken": still,
    }
