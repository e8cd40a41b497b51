"""`openclaw channels login`: for channels that want more than a token; says which need none."""

from __future__ import annotations

import click

from clawfleet.cli.channels_named import NotHere, check_account, listing_of


@click.command("login")
@click.option("--channel", "name", required=True, metavar="CHANNEL", help="Which channel.")
@click.option("--account", metavar="ID", help="Which account. Only `default` is kept.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(name: str, account: str | None, *, as_json: bool) -> None:
    """Log in to a channel; every channel of this gateway connects with a token alone."""
    channel, listing = listing_of(name)
    check_account(account)
    raise NotHere(
        f"{listing.label} has no login: it connects with a token.",
        hint=f"openclaw channels add --channel {channel} --token <token>",
    )
