"""`openclaw channels remove`: an account switched off, or taken out of the config."""

from __future__ import annotations

import click

from clawfleet.cli.channels_named import account_of, check_account, listing_of
from clawfleet.cli.config_edit import edit_config
from clawfleet.cli.config_words import effect
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.config.change import Edit


@click.command("remove", epilog="\b\nExamples:\n  openclaw channels remove --channel telegram --delete")
@click.option("--channel", "name", required=True, metavar="CHANNEL", help="Which channel.")
@click.option("--account", metavar="ID", help="Which account. Only `default` is kept.")
@click.option("--delete", is_flag=True, help="Take everything about it out of the config.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def command(cli: CliContext, name: str, account: str | None, *, delete: bool, as_json: bool) -> None:
    """Switch an account off and keep its settings; with --delete those go too."""
    channel, listing = listing_of(name)
    account_id = check_account(account)
    account_of(cli, channel)
    place = ("channels", channel)
    changed = edit_config(cli, lambda _: [Edit(place, removes=True) if delete else Edit((*place, "enabled"), False)])
    done = "deleted" if delete else "disabled"
    if as_json:
        print_json({"ok": True, "channel": channel, "accountId": account_id, "action": done, "changed": changed})
        return
    click.echo(f'{done.capitalize()} {listing.label} account "{account_id}".')
    if changed:
        click.echo(effect(place))
