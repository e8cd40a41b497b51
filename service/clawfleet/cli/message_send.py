"""`openclaw message send`: a text to somebody on a channel, through the running gateway. Source: config-and-cli §10."""

from __future__ import annotations

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.cli.target import Ask, asks_gateway, open_gateway
from clawfleet.core.errors import RequestError
from clawfleet.core.ids import new_id
from clawfleet.core.text import printable


class OptionMissing(RequestError):
    """The message has no text, or nowhere to go."""

    code = "OPTION_MISSING"
    exit_code = 1


@click.command(
    "send",
    epilog="""\b
Examples:
  openclaw message send --channel telegram --target 123456 -m "Backup done"
  openclaw message send -t telegram:123456 -m "Backup done" --dry-run""",
)
@click.option("--channel", metavar="CHANNEL", help="Unset: the one before the colon of --target, else the only one.")
@click.option("--target", "-t", metavar="DEST", help="Chat id on the platform; telegram:123 names the channel too.")
@click.option("--message", "-m", "text", metavar="TEXT", help="The text.")
@click.option("--media", metavar="URL", multiple=True, help="Refused: this gateway sends text.")
@click.option("--account", metavar="ID", help="Which account of the channel sends.")
@click.option("--reply-to", metavar="ID", help="The message that it answers.")
@click.option("--thread-id", metavar="ID", help="The topic that it goes to.")
@click.option("--dry-run", is_flag=True, help="Say what would be sent; send nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@asks_gateway
@pass_cli
def command(
    context: CliContext,
    ask: Ask,
    *,
    channel: str | None,
    target: str | None,
    text: str | None,
    media: tuple[str, ...],
    account: str | None,
    reply_to: str | None,
    thread_id: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Send a text to somebody on a channel, at once and outside any conversation."""
    if not (target or "").strip():
        raise OptionMissing('Missing required option "-t, --target <dest>".')
    if not (text or "").strip() and not media:
        raise OptionMissing('Missing required option "-m, --message <text>".')
    named, place = split_target(str(target), channel)
    params = {
        "channel": named,
        "to": place,
        "message": text,
        "mediaUrls": list(media) or None,
        "accountId": account,
        "replyToId": reply_to,
        "threadId": thread_id,
    }
    asked = {key: value for key, value in params.items() if value is not None}
    if dry_run:
        answer = {"dryRun": True, **asked}
    else:
        with open_gateway(context, ask) as gateway:
            answer = gateway.call("send", {**asked, "idempotencyKey": new_id()})
    if as_json:
        print_json({"action": "send", "ok": True, "channel": named or answer.get("channel"), "payload": answer})
    elif dry_run:
        click.echo(f"Would send to {named or 'the only channel'} {printable(place)}: {printable(text or '')}")
    else:
        click.echo(f"Sent via {answer.get('channel')}. Message ID: {answer.get('messageId')}")


def split_target(target: str, channel: str | None) -> tuple[str | None, str]:
    """(channel, place) of `telegram:123` or `123`. A colon that belongs to the place stays in it."""
    from clawfleet.channels.registry import CHANNELS

    head, colon, rest = target.strip().partition(":")
    if colon and rest and head in CHANNELS and channel in (None, head):
        return head, rest
    return channel, target.strip()
