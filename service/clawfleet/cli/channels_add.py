"""`openclaw channels add`: an account in the config, with its token. Source: config-and-cli §10."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from clawfleet.cli.channels_named import check_account, listing_of, section_of
from clawfleet.cli.config_edit import edit_config
from clawfleet.cli.config_words import effect
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json, tell
from clawfleet.config.change import Edit
from clawfleet.core.errors import RequestError


class TokenMissing(RequestError):
    """The channel connects with a token, and none was given."""

    code = "CHANNEL_TOKEN_MISSING"
    exit_code = 1


@click.command(
    "add",
    epilog="""\b
Examples:
  openclaw channels add --channel telegram --token '${TELEGRAM_BOT_TOKEN}'
  openclaw channels add --channel telegram --token-file ~/telegram.token
  openclaw channels add --channel telegram    asks, on a terminal""",
)
@click.option("--channel", "name", required=True, metavar="CHANNEL", help="Which channel.")
@click.option("--token", metavar="TOKEN", help="Its token, or ${NAME} for a variable.")
@click.option("--bot-token", "token", metavar="TOKEN", hidden=True)
@click.option("--token-file", metavar="FILE", help="A file that holds the token.")
@click.option("--use-env", is_flag=True, help="The channel's own variable holds the token.")
@click.option("--account", metavar="ID", help="Which account. Only `default` is kept.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def command(
    cli: CliContext,
    name: str,
    *,
    token: str | None,
    token_file: str | None,
    use_env: bool,
    account: str | None,
    as_json: bool,
) -> None:
    """Set an account of a channel up; one that is there gets the new token and is switched on."""
    channel, listing = listing_of(name)
    account_id = check_account(account)
    if sum((token is not None, token_file is not None, use_env)) > 1:
        raise click.UsageError("--token, --token-file and --use-env exclude each other.")
    kept = _token(channel, listing.label, token, token_file, use_env=use_env)
    was_there: list[bool] = []

    def edits(source: Mapping[str, Any]) -> list[Edit]:
        was_there[:] = [bool(section_of(source, channel))]
        return [
            *(Edit(("channels", channel, key), removes=True) for key in listing.credentials if key not in kept),
            *(Edit(("channels", channel, key), value) for key, value in kept.items()),
            Edit(("channels", channel, "enabled"), True),
        ]

    changed = edit_config(cli, edits)
    done = "updated" if was_there[0] else "added"
    if as_json:
        print_json({"ok": True, "channel": channel, "accountId": account_id, "action": done, "changed": changed})
        return
    click.echo(f'{done.capitalize()} {listing.label} account "{account_id}".')
    tell(f"{effect(('channels', channel))} See how it does: openclaw channels status --probe")


def _token(channel: str, label: str, token: str | None, token_file: str | None, *, use_env: bool) -> dict[str, str]:
    """The keys of the config that hold the token, or say where it is."""
    if use_env:
        return {}
    if token_file is not None:
        return {"tokenFile": token_file if token_file.startswith("~") else str(Path(token_file).absolute())}
    if token is None and sys.stdin.isatty():
        token = str(click.prompt(f"{label} token", hide_input=True, err=True))
    if not token or not token.strip():
        raise TokenMissing(
            f"{label} needs a token.", hint=f"openclaw channels add --channel {channel} --token <token> (or --use-env)"
        )
    return {"botToken": token.strip()}
