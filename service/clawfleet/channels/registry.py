"""The channels there are. A channel's code is imported when the config has its section, its library to connect.

To add one: a folder with `settings.py` (config section → accounts; light), `channel.py` (the adapter), and a row here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

from clawfleet.channels.base import Account, Channel
from clawfleet.channels.failures import LibraryMissing, NoSuchAccount
from clawfleet.config.env import Instance
from clawfleet.config.load import Snapshot

ReadAccounts = Callable[[Any, Instance, Mapping[str, str]], tuple[Account, ...]]


@dataclass(frozen=True, slots=True)
class Listing:
    """One channel: its name, the same with its kind (`detail_label`), its code, the extra that brings its library.

    `accounts` names a function (config section, instance, environment) → accounts, `adapter` a `Channel` class.
    `sender_id` is what the platform's users call the id they are approved by, `credentials` are the keys of the config
    section that let the gateway in at the platform.
    """

    label: str
    detail_label: str
    accounts: str
    adapter: str
    extra: str
    sender_id: str
    credentials: tuple[str, ...]


CHANNELS: Mapping[str, Listing] = {
    "telegram": Listing(
        label="Telegram",
        detail_label="Telegram Bot",
        accounts="clawfleet.channels.telegram.settings:read_accounts",
        adapter="clawfleet.channels.telegram.channel:TelegramChannel",
        extra="telegram",
        sender_id="Telegram user id",
        credentials=("botToken", "tokenFile"),
    ),
}


def accounts_of(instance: Instance, snapshot: Snapshot) -> tuple[Account, ...]:
    """Every account of every channel that has a section in the config, connected or not."""
    found: list[Account] = []
    for name, listing in CHANNELS.items():
        section = getattr(snapshot.config.channels, name)
        if section is not None:
            found += cast(ReadAccounts, _load(listing.accounts))(section, instance, snapshot.environ)
    return tuple(found)


def open_channel(account: Account) -> Channel:
    """The adapter of a configured account. Raises `LibraryMissing`, `NoSuchAccount`."""
    listing = CHANNELS[account.channel]
    if account.settings is None:
        raise NoSuchAccount(account.channel, account.account)
    try:
        adapter = _load(listing.adapter)
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("clawfleet"):
            raise
        raise LibraryMissing(account.channel, listing.extra) from None
    return cast(Channel, adapter(account.account, account.settings))


def _load(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
