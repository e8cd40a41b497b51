"""`channels.start`, `channels.stop`: one account connected or not, until the next restart or config.

`channels.logout` makes it last: without credentials there is nothing to connect with.
"""

from __future__ import annotations

import asyncio

from pydantic import Field

from clawfleet.channels.credentials import forget_credentials
from clawfleet.channels.status import AccountStatus
from clawfleet.core.errors import RequestError
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method


class AccountParams(Params):
    """Which account; the channel's first one without a name."""

    channel: str = Field(min_length=1)
    account_id: str | None = None


class Started(Result):
    """The answer of `channels.start`. `started` False: it was connected already, or is not set up."""

    channel: str
    account_id: str
    started: bool


@method("channels.start", scope="operator.admin", limited=True)
async def start_channel(call: Call, params: AccountParams) -> Started:
    """Connect an account again that was stopped."""
    row = _row(call, "channels.start", params)
    name = row.account.account
    return Started(
        channel=params.channel,
        account_id=name,
        started=call.gateway.channels.start_account(params.channel, name),
    )


class Stopped(Result):
    """The answer of `channels.stop`. `stopped` False: it was not connected."""

    channel: str
    account_id: str
    stopped: bool


@method("channels.stop", scope="operator.admin", limited=True)
async def stop_channel(call: Call, params: AccountParams) -> Stopped:
    """Disconnect an account; nothing comes in, and sending still works."""
    row = _row(call, "channels.stop", params)
    name = row.account.account
    return Stopped(
        channel=params.channel,
        account_id=name,
        stopped=await call.gateway.channels.stop_account(params.channel, name),
    )


class LoggedOut(Result):
    """The answer of `channels.logout`. `env_token`: the environment still has a token, which is used next time."""

    channel: str
    account_id: str
    cleared: bool
    logged_out: bool
    env_token: bool


@method("channels.logout", scope="operator.admin", limited=True)
async def logout_channel(call: Call, params: AccountParams) -> LoggedOut:
    """Disconnect an account and take its credentials out of the config."""
    gateway, account = call.gateway, _row(call, "channels.logout", params).account
    await gateway.channels.stop_account(account.channel, account.account)
    cleared = await asyncio.to_thread(forget_credentials, gateway.instance, account.channel, gateway.control.check)
    if cleared:
        await gateway.control.reload()
    left = [row.account for row in gateway.channels.rows(account.channel) if row.account.account == account.account]
    still = any(each.configured for each in left)
    return LoggedOut(
        channel=account.channel, account_id=account.account, cleared=cleared, logged_out=not still, env_token=still
    )


def _row(call: Call, name: str, params: AccountParams) -> AccountStatus:
    rows = call.gateway.channels.rows(params.channel)
    row = next((row for row in rows if params.account_id in (None, row.account.account)), None)
    if row is None:
        configured = ", ".join(
            f"{each.account.channel}:{each.account.account}" for each in call.gateway.channels.rows()
        )
        raise RequestError(f"invalid {name} channel", hint=f"configured accounts: {configured or 'none'}")
    return row
