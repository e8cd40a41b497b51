"""Which channel and account a command line means, and what of it the config has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from clawfleet.channels.registry import CHANNELS, Listing, accounts_of
from clawfleet.cli.context import CliContext
from clawfleet.cli.models_choice import mapping_at
from clawfleet.cli.pairing import ELSEWHERE, UnknownChannel
from clawfleet.core.errors import NotFoundError, RequestError

if TYPE_CHECKING:
    from clawfleet.channels.base import Account

DEFAULT_ACCOUNT = "default"


class NotHere(RequestError):
    """A channel of OpenClaw that this gateway has not, or an account beyond the one it keeps for a channel."""

    code = "CHANNEL_NOT_SUPPORTED"
    exit_code = 1


class NotConfigured(NotFoundError):
    """The config has no such account."""

    code = "CHANNEL_NOT_CONFIGURED"


def listing_of(name: str) -> tuple[str, Listing]:
    """A channel of this gateway by its name. Raises NotHere, UnknownChannel."""
    channel, here = name.strip().lower(), ", ".join(CHANNELS)
    if channel in ELSEWHERE:
        raise NotHere(f"{channel} is not a channel of this gateway", hint=f"it has: {here}")
    if channel not in CHANNELS:
        raise UnknownChannel(f"There is no channel {name!r}.", hint=f"channels of this gateway: {here}")
    return channel, CHANNELS[channel]


def check_account(account: str | None) -> str:
    """The account's name. Raises NotHere for another one than the default."""
    if account not in (None, DEFAULT_ACCOUNT):
        raise NotHere(f'This gateway keeps one account a channel, "{DEFAULT_ACCOUNT}"', hint="leave --account out")
    return DEFAULT_ACCOUNT


def account_of(cli: CliContext, channel: str) -> Account:
    """The configured account of a channel. Raises NotConfigured."""
    found = next((row for row in accounts_of(cli.instance, cli.snapshot) if row.channel == channel), None)
    if found is None:
        raise NotConfigured(
            f'{CHANNELS[channel].label} account "{DEFAULT_ACCOUNT}" is not configured.',
            hint=f"openclaw channels add --channel {channel} --token <token>",
        )
    return found


def section_of(source: Mapping[str, Any], channel: str) -> Mapping[str, Any]:
    """What a config text says of a channel."""
    return mapping_at(source, "channels", channel)
