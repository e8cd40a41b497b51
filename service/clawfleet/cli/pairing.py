"""`openclaw pairing`: who asks to be let in, and letting them in. Source: channels §2.3.

Works on the store itself, whether the gateway runs or not: a running one reads it for every message, and codes are
not shown over its protocol.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import click

from clawfleet.access.owner import claim_ownership
from clawfleet.access.pairing import Approved, CodeUnknown, PairingRequest, PairingStore
from clawfleet.channels.base import Outbound
from clawfleet.channels.pairing_reply import APPROVED_TEXT
from clawfleet.channels.pairing_reply import command as openclaw
from clawfleet.channels.registry import CHANNELS, accounts_of
from clawfleet.channels.supervisor import Supervisor
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.core.clock import iso_time
from clawfleet.core.errors import ChannelError, RequestError
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import Database


class PairingUsage(RequestError):
    """A word is missing, or is not the one it should be."""

    code = "PAIRING_USAGE"
    exit_code = 1


class CodeMissing(RequestError):
    """Nobody can be approved without the code that they were sent."""

    code = "PAIRING_CODE_MISSING"


class UnknownChannel(RequestError):
    """No messaging channel has that name, here or in OpenClaw."""

    code = "UNKNOWN_CHANNEL"
    exit_code = 1


# Channels of OpenClaw that people may ask for although this gateway has none of them. Source: channels §3.
_ELSEWHERE = """
bluebubbles discord feishu googlechat imessage irc line matrix mattermost msteams nextcloud-talk nostr qqbot signal
slack sms synology-chat tlon twitch whatsapp zalo zalouser
"""
ELSEWHERE = frozenset(_ELSEWHERE.split())


@click.group(name="pairing")
def command() -> None:
    """List and approve people who wrote to a channel."""


@command.command("list")
@click.argument("channel", required=False)
@click.option("--channel", "channel_option", metavar="CHANNEL", help="Same as the argument.")
@click.option("--account", metavar="ID", help="Only this account of the channel.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def list_command(
    cli: CliContext, channel: str | None, channel_option: str | None, account: str | None, *, as_json: bool
) -> None:
    """Show who waits for approval on CHANNEL, with their codes."""
    name = channel_option or channel or _only_channel(cli)
    _check_channel(name)
    requests = asyncio.run(_list(cli, name, _account(account)))
    if as_json:
        print_json({"channel": name, "requests": [_row(request) for request in requests]})
    elif not requests:
        click.echo(f"No pending {name} pairing requests.")
    else:
        click.echo(f"Pairing requests ({len(requests)})")
        click.echo(_table(name, requests))


@command.command("approve")
@click.argument("words", nargs=-1, metavar="[CHANNEL] CODE")
@click.option("--channel", "channel_option", metavar="CHANNEL", help="Same as the argument.")
@click.option("--account", metavar="ID", help="Only this account of the channel.")
@click.option("--notify", is_flag=True, help="Tell the person on the channel.")
@pass_cli
def approve_command(
    cli: CliContext, words: tuple[str, ...], channel_option: str | None, account: str | None, *, notify: bool
) -> None:
    """Let the person with CODE write to the agent. Upper and lower case are the same."""
    if not words:
        raise CodeMissing("The code is missing.", hint=f"{_openclaw(cli)} pairing approve [channel] <code>")
    *channels, code = words
    if len(channels) > 1 or (channels and channel_option and channels[0] != channel_option):
        raise PairingUsage(
            "Too many words for this command.", hint=f"{_openclaw(cli)} pairing approve [channel] <code>"
        )
    name = channel_option or (channels[0] if channels else _only_channel(cli))
    _check_channel(name)
    approved = asyncio.run(_approve(cli, name, code, _account(account)))
    click.echo(f"Approved {name} sender {approved.sender_id}.")
    _claim_ownership(cli, approved)
    if notify:
        _notify(cli, approved)


def _account(account: str | None) -> str | None:
    if account is not None and not account.strip():
        raise PairingUsage("--account must not be blank")
    return account


def _openclaw(cli: CliContext) -> str:
    return openclaw(cli.instance.profile)


def _only_channel(cli: CliContext) -> str:
    """The channel that is meant when none is named: the one that is configured, or the one there is."""
    snapshot, _ = cli.snapshot_or_error
    configured = [name for name in CHANNELS if snapshot and getattr(snapshot.config.channels, name) is not None]
    names = configured or list(CHANNELS)
    if len(names) > 1:
        raise PairingUsage("Which channel is meant?", hint=f"name one of {', '.join(names)}: --channel <channel>")
    return names[0]


def _check_channel(name: str) -> None:
    """Say so when nobody can ever wait on that channel. Raises UnknownChannel for a name that is none at all."""
    here = ", ".join(CHANNELS)
    if name in ELSEWHERE:
        click.echo(f"! {name} is not a channel of this gateway; it has: {here}", err=True)
    elif name not in CHANNELS:
        raise UnknownChannel(f"There is no channel {name!r}.", hint=f"channels of this gateway: {here}")


@asynccontextmanager
async def _store(cli: CliContext) -> AsyncIterator[PairingStore | None]:
    """The instance's pairing store; None when no gateway ever ran here."""
    path = cli.instance.store_dir / "gateway.sqlite"
    if not path.exists():
        yield None
        return
    db = await Database.open(path, MIGRATIONS)
    try:
        yield PairingStore(db)
    finally:
        await db.close()


async def _list(cli: CliContext, channel: str, account: str | None) -> tuple[PairingRequest, ...]:
    async with _store(cli) as store:
        return await store.list(channel, account) if store else ()


async def _approve(cli: CliContext, channel: str, code: str, account: str | None) -> Approved:
    async with _store(cli) as store:
        try:
            if store is not None:
                return await store.approve(channel, code, account)
        except CodeUnknown:
            pass
    raise CodeUnknown(code.strip().upper(), channel, _openclaw(cli))


def _claim_ownership(cli: CliContext, approved: Approved) -> None:
    """The first person who is let in may give commands."""
    owner = f"{approved.channel}:{approved.sender_id}"
    match claim_ownership(cli.instance, approved.channel, approved.sender_id):
        case "configured":
            click.echo(f"Command owner configured {owner} (commands.ownerAllowFrom was empty).")
            click.echo(f"Written to {cli.instance.shown(cli.instance.config_path)}", err=True)
        case "unavailable":
            click.echo(f"Command owner not configured: cannot change {cli.instance.config_path}", err=True)
            click.echo(f"  {_openclaw(cli)} config set commands.ownerAllowFrom '[\"{owner}\"]'", err=True)


def _notify(cli: CliContext, approved: Approved) -> None:
    """Tell the person; that it fails does not undo the approval."""

    async def send() -> None:
        supervisor = Supervisor(accounts_of(cli.instance, cli.snapshot))
        try:
            await supervisor.send(approved.channel, approved.account, Outbound(approved.sender_id, APPROVED_TEXT))
        finally:
            await supervisor.close()

    try:
        asyncio.run(send())
    except ChannelError as error:
        click.echo(f"Failed to notify requester: {error}", err=True)


def _row(request: PairingRequest) -> dict[str, Any]:
    return {
        "id": request.sender_id,
        "code": request.code,
        "createdAt": iso_time(request.created_at_ms),
        "lastSeenAt": iso_time(request.last_seen_at_ms),
        "meta": _meta(request),
    }


def _meta(request: PairingRequest) -> dict[str, str]:
    return {**request.meta, "accountId": request.account}


def _table(channel: str, requests: Sequence[PairingRequest]) -> str:
    heads = ("Code", _id_head(channel), "Meta", "Requested")
    rows = [
        (
            request.code,
            request.sender_id,
            json.dumps(_meta(request), ensure_ascii=False),
            iso_time(request.created_at_ms),
        )
        for request in requests
    ]
    cells = [heads, *([_shown(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]

    def rule(left: str, middle: str, right: str) -> str:
        return left + middle.join("─" * (width + 2) for width in widths) + right

    def line(row: Sequence[str]) -> str:
        return "│" + "│".join(f" {cell.ljust(width)} " for cell, width in zip(row, widths, strict=True)) + "│"

    body = [line(row) for row in cells]
    return "\n".join([rule("┌", "┬", "┐"), body[0], rule("├", "┼", "┤"), *body[1:], rule("└", "┴", "┘")])


def _id_head(channel: str) -> str:
    """`telegramUserId`, from what the channel's people call their id."""
    words = CHANNELS[channel].sender_id.split() if channel in CHANNELS else ["user", "id"]
    return words[0].lower() + "".join(word.capitalize() for word in words[1:])


def _shown(text: str) -> str:
    """A stranger's words, safe for a terminal: whatever could move the cursor or turn the text around is spelt out."""
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)
