"""`channels.status` and `channels.pairing.*`: how the accounts do, and who asks to be let in. Source: protocol §12."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar, Literal

from pydantic import Field

from clawfleet.access.owner import claim_ownership
from clawfleet.access.pairing import LIFETIME_MS, MAX_PENDING, PairingRequest
from clawfleet.channels.base import Outbound
from clawfleet.channels.pairing_reply import APPROVED_TEXT
from clawfleet.channels.registry import CHANNELS
from clawfleet.core.clock import iso_time, now_ms
from clawfleet.core.errors import ChannelError, RequestError
from clawfleet.rpc.call import Call
from clawfleet.rpc.health import EventLoop
from clawfleet.rpc.registry import Params, Result, method

MAX_PROBE_S = 120.0


class ChannelsStatusParams(Params):
    """Parameters of `channels.status`. `timeout_ms` bounds the probing of each account, two minutes at the most."""

    probe: bool = False
    timeout_ms: int = Field(10_000, ge=0)
    channel: str | None = None


class ChannelMeta(Result):
    """How a channel is shown."""

    id: str
    label: str
    detail_label: str


class StatusIssue(Result):
    """What is wrong with one account."""

    channel: str
    account_id: str
    kind: str
    message: str


class ChannelsStatus(Result):
    """The answer of `channels.status`; the rows of accounts are `AccountStatus.to_wire`."""

    keeps_none: ClassVar[bool] = True

    ts: int
    channel_order: list[str]
    channel_labels: dict[str, str]
    channel_detail_labels: dict[str, str]
    channel_system_images: dict[str, str]
    channel_meta: list[ChannelMeta]
    channels: dict[str, dict[str, Any]]
    channel_accounts: dict[str, list[dict[str, Any]]]
    channel_default_account_id: dict[str, str]
    event_loop: EventLoop
    status_issues: list[StatusIssue]
    warnings: list[str]


@method("channels.status", scope="operator.read")
async def channels_status(call: Call, params: ChannelsStatusParams) -> ChannelsStatus:
    """Every account and how it does; with `probe`, after asking each platform."""
    gateway = call.gateway
    rows = gateway.channels.rows(params.channel)
    if params.probe:
        rows = await gateway.channels.probe(params.channel, timeout_s=min(params.timeout_ms / 1000, MAX_PROBE_S))
    accounts: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        accounts.setdefault(row.account.channel, []).append(row.to_wire())
    listings = {name: CHANNELS[name] for name in accounts}
    return ChannelsStatus(
        ts=now_ms(),
        channel_order=list(accounts),
        channel_labels={name: listing.label for name, listing in listings.items()},
        channel_detail_labels={name: listing.detail_label for name, listing in listings.items()},
        channel_system_images={},
        channel_meta=[
            ChannelMeta(id=name, label=listing.label, detail_label=listing.detail_label)
            for name, listing in listings.items()
        ],
        channels={name: found[0] for name, found in accounts.items()},
        channel_accounts=accounts,
        channel_default_account_id={name: found[0]["accountId"] for name, found in accounts.items()},
        event_loop=EventLoop.of(gateway.loop.health()),
        status_issues=[
            StatusIssue(
                channel=row.account.channel,
                account_id=row.account.account,
                kind="runtime" if row.account.configured else "config",
                message=row.error,
            )
            for row in rows
            if row.error
        ],
        warnings=[str(issue) for issue in gateway.snapshot.warnings if issue.path.startswith("channels.")],
    )


class PairingListParams(Params):
    """Parameters of `channels.pairing.list`."""

    channel: str | None = Field(None, min_length=1)
    account_id: str | None = Field(None, min_length=1)


class PairingAccount(Result):
    """An account that strangers can write to."""

    channel: str
    channel_label: str
    account_id: str
    notify_supported: bool


class PairingRow(Result):
    """Somebody who waits. The code is not shown here: it proves to the owner who is asking."""

    request_id: str
    channel: str
    channel_label: str
    account_id: str
    sender_id: str
    sender_label: str
    metadata: dict[str, str]
    created_at: str
    last_seen_at: str
    expires_at: str
    notify_supported: bool

    @classmethod
    def of(cls, request: PairingRequest) -> PairingRow:
        """The row of `request`; its id is the sender's."""
        username = request.meta.get("username")
        return cls(
            request_id=request.sender_id,
            channel=request.channel,
            channel_label=CHANNELS[request.channel].label,
            account_id=request.account,
            sender_id=request.sender_id,
            sender_label=f"@{username}" if username else request.meta.get("firstName") or request.sender_id,
            metadata=dict(request.meta),
            created_at=iso_time(request.created_at_ms),
            last_seen_at=iso_time(request.last_seen_at_ms),
            expires_at=iso_time(request.expires_at_ms),
            notify_supported=True,
        )


class PairingLimits(Result):
    """How many may wait, and for how long."""

    pending_per_account: int
    ttl_ms: int


class PairingList(Result):
    """The answer of `channels.pairing.list`."""

    accounts: list[PairingAccount]
    requests: list[PairingRow]
    command_owner_configured: bool
    limits: PairingLimits


@method("channels.pairing.list", scope="operator.pairing")
async def list_pairing(call: Call, params: PairingListParams) -> PairingList:
    """The strangers who wait for approval."""
    gateway = call.gateway
    rows = [
        row.account
        for row in gateway.channels.rows(params.channel)
        if row.account.configured and params.account_id in (None, row.account.account)
    ]
    requests = await gateway.pairing.list(params.channel, params.account_id)
    return PairingList(
        accounts=[
            PairingAccount(
                channel=account.channel,
                channel_label=CHANNELS[account.channel].label,
                account_id=account.account,
                notify_supported=True,
            )
            for account in rows
        ],
        requests=[PairingRow.of(request) for request in requests if request.channel in CHANNELS],
        command_owner_configured=bool(gateway.snapshot.config.commands.owner_allow_from),
        limits=PairingLimits(pending_per_account=MAX_PENDING, ttl_ms=LIFETIME_MS),
    )


class PairingApproveParams(Params):
    """Parameters of `channels.pairing.approve`. `request_id` is the one of `channels.pairing.list`."""

    channel: str = Field(min_length=1)
    account_id: str = Field(min_length=1)
    request_id: str = Field(min_length=1)
    notify: bool = False
    bootstrap_command_owner: bool = False


class PairingApproved(Result):
    """The answer of `channels.pairing.approve`."""

    request_id: str
    sender_id: str
    notification: Literal["not-requested", "sent", "unsupported", "failed"]
    command_owner_bootstrap: Literal["not-requested", "configured", "already-configured", "unavailable"]


@method("channels.pairing.approve", scope="operator.pairing")
async def approve_pairing(call: Call, params: PairingApproveParams) -> PairingApproved:
    """Let a waiting sender in; tell them, and make them the command owner, if asked to.

    The config is an administrator's: without that scope the bootstrap is `unavailable`.
    """
    gateway = call.gateway
    approved = await gateway.pairing.approve_sender(params.channel, params.account_id, params.request_id)
    owner: Literal["not-requested", "configured", "already-configured", "unavailable"] = "not-requested"
    if params.bootstrap_command_owner:
        owner = "unavailable"
        if "operator.admin" in call.caller.scopes:
            owner = await asyncio.to_thread(claim_ownership, gateway.instance, approved.channel, approved.sender_id)
            if owner == "configured":
                await gateway.control.reload()
    notification: Literal["not-requested", "sent", "failed"] = "not-requested"
    if params.notify:
        try:
            await gateway.channels.send(approved.channel, approved.account, Outbound(approved.sender_id, APPROVED_TEXT))
            notification = "sent"
        except ChannelError:
            notification = "failed"
    return PairingApproved(
        request_id=params.request_id,
        sender_id=approved.sender_id,
        notification=notification,
        command_owner_bootstrap=owner,
    )


class PairingDismissParams(Params):
    """Parameters of `channels.pairing.dismiss`. `request_id` is the one of `channels.pairing.list`."""

    channel: str = Field(min_length=1)
    account_id: str = Field(min_length=1)
    request_id: str = Field(min_length=1)


class PairingDismissed(Result):
    """The answer of `channels.pairing.dismiss`."""

    request_id: str
    sender_id: str


@method("channels.pairing.dismiss", scope="operator.pairing")
async def dismiss_pairing(call: Call, params: PairingDismissParams) -> PairingDismissed:
    """Forget a waiting sender, who may ask again. Raises `NotFoundError`."""
    if params.channel not in CHANNELS:
        raise RequestError(f"unknown pairing channel: {params.channel}")
    await call.gateway.pairing.dismiss(params.channel, params.account_id, params.request_id)
    return PairingDismissed(request_id=params.request_id, sender_id=params.request_id)
