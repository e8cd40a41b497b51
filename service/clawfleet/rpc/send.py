"""`send`, `message.action`: a message to somebody on a channel, from outside any turn. Source: protocol §12."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from clawfleet.channels.base import Outbound, Sent
from clawfleet.channels.status import AccountStatus
from clawfleet.core.errors import ChannelError, RequestError
from clawfleet.rpc.call import Call, Gateway
from clawfleet.rpc.registry import Params, Result, method

NO_CHANNEL = (
    "Error: Channel is required (no configured channels detected). Run openclaw channels add to configure one, "
    "or pass --channel <channel> after enabling a channel. "
    "Use openclaw channels list --all to see available channel ids."
)


class NotDelivered(ChannelError):
    """The account is not set up, so that the message cannot go out; nothing was kept for later."""

    code = "OUTBOUND_DELIVERY_FAILED"


class SendParams(Params):
    """What to send where. `to` is the chat's id on the platform; media are not sent by this gateway yet."""

    to: str = Field(min_length=1)
    idempotency_key: str = Field(min_length=1)
    message: str | None = None
    media_url: str | None = None
    media_urls: list[str] | None = None
    channel: str | None = None
    account_id: str | None = None
    thread_id: str | None = None
    reply_to_id: str | None = None


class Delivery(Result):
    """The answer of `send`: the platform's id of the last part, and where it went."""

    run_id: str
    message_id: str
    channel: str
    chat_id: str


@method("send", scope="operator.write", once=True)
async def send_message(call: Call, params: SendParams) -> Delivery:
    """Send a text; a repeated key sends nothing again. Raises a leaf of `ChannelError` when it did not go out."""
    if params.media_url or params.media_urls:
        raise RequestError("this gateway sends text only", hint="send the address of the media as part of the message")
    if not (params.message or "").strip():
        raise RequestError("message is required")
    row = _account(call.gateway, params.channel, params.account_id)
    outbound = Outbound(params.to, params.message or "", params.thread_id, params.reply_to_id)
    sent = await _deliver(call.gateway, row, outbound)
    return Delivery(
        run_id=params.idempotency_key,
        message_id=sent.message_ids[-1] if sent.message_ids else "",
        channel=row.account.channel,
        chat_id=params.to,
    )


class MessageActionParams(Params):
    """One thing to do on a channel; its own parameters are those of the action."""

    channel: str = Field(min_length=1)
    action: str = Field(min_length=1)
    params: dict[str, Any]
    idempotency_key: str = Field(min_length=1)
    account_id: str | None = None


class ActionDone(Result):
    """The answer of `message.action`."""

    ok: bool
    message_id: str
    channel: str
    chat_id: str


@method("message.action", scope="operator.write", once=True)
async def message_action(call: Call, params: MessageActionParams) -> ActionDone:
    """Send a text as command lines do. Other actions are refused: no channel of this gateway has them."""
    if params.action != "send":
        raise RequestError(f"unsupported message action: {params.action}", hint="this gateway's channels can: send")
    asked = params.params
    to, text = _text(asked, "target", "to"), _text(asked, "message", "text")
    if to is None or text is None:
        raise RequestError("send needs a target and a message")
    if any(asked.get(name) for name in ("media", "mediaUrl", "mediaUrls", "buffer")):
        raise RequestError("this gateway sends text only", hint="send the address of the media as part of the message")
    row = _account(call.gateway, params.channel, params.account_id or _text(asked, "accountId"))
    sent = await _deliver(call.gateway, row, Outbound(to, text, _text(asked, "threadId"), _text(asked, "replyTo")))
    message_id = sent.message_ids[-1] if sent.message_ids else ""
    return ActionDone(ok=True, message_id=message_id, channel=row.account.channel, chat_id=to)


def _text(asked: dict[str, Any], *names: str) -> str | None:
    values = (asked.get(name) for name in names)
    return next((str(value) for value in values if isinstance(value, str | int) and str(value).strip()), None)


def _account(gateway: Gateway, channel: str | None, account: str | None) -> AccountStatus:
    """The account to send through: the one that is named, else the only channel's first."""
    rows = gateway.channels.rows()
    known = list(dict.fromkeys(row.account.channel for row in rows))
    if channel is None:
        if not known:
            raise RequestError(NO_CHANNEL)
        if len(known) > 1:
            raise RequestError(f"Error: Channel is required when multiple channels are configured: {', '.join(known)}")
        channel = known[0]
    row = next((r for r in rows if r.account.channel == channel and account in (None, r.account.account)), None)
    if row is None:
        raise RequestError(
            f"unsupported channel: {channel}" if channel not in known else f"unknown {channel} account: {account}",
            hint=f"configured channels: {', '.join(known) or 'none'}",
        )
    return row


async def _deliver(gateway: Gateway, row: AccountStatus, outbound: Outbound) -> Sent:
    if not row.account.configured:
        raise NotDelivered(f"OutboundDeliveryError: {row.account.problem or 'the account is not set up'}")
    return await gateway.channels.send(row.account.channel, row.account.account, outbound)
