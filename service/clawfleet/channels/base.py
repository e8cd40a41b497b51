"""The seam between a messaging platform and the gateway. Shapes follow channels §2.2."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal, Protocol

from clawfleet.core.clock import now_ms

ChatType = Literal["direct", "group", "channel"]


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message that came in. `message_id` is unique within (channel, account, chat) and is used to drop repeats."""

    channel: str
    account: str
    chat_id: str
    chat_type: ChatType
    message_id: str
    sender_id: str
    text: str
    sender_name: str | None = None
    sender_username: str | None = None
    thread_id: str | None = None
    timestamp_ms: int | None = None
    was_mentioned: bool = False
    guild_id: str | None = None
    team_id: str | None = None
    sender_roles: frozenset[str] = frozenset()
    sender_meta: Mapping[str, str] = field(default_factory=dict)
    """What the platform says of the sender (`username`, `firstName` …), for the operator who is to approve them."""


@dataclass(frozen=True, slots=True)
class Outbound:
    """One text to send to a chat. `text` is Markdown until `Channel.split` made parts of it.

    In a part `text` is plain and `markup` is the same in the platform's own markup.
    """

    chat_id: str
    text: str
    thread_id: str | None = None
    reply_to: str | None = None
    markup: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """What the platform calls the messages that were sent, in order."""

    message_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Probe:
    """Whether the account works: `identity` is the platform's name for it (e.g. `@clawy_bot`)."""

    ok: bool
    identity: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """One login on one platform, as the operator configured it.

    `settings` are the adapter's own and None while something is missing; `problem` then says what.
    `token_source` is `config`, `tokenFile`, `env` or `none`; `mode` says how messages come in (`polling` …).
    """

    channel: str
    account: str
    enabled: bool
    mode: str
    token_source: str
    settings: object | None = field(default=None, repr=False)
    problem: str | None = None

    @property
    def configured(self) -> bool:
        """Whether everything is there to connect."""
        return self.settings is not None


@dataclass(slots=True)
class Link:
    """How an account is connected right now: kept by its adapter, read by the supervisor."""

    identity: str | None = None
    connected_at_ms: int | None = None
    last_seen_at_ms: int | None = None

    @property
    def connected(self) -> bool:
        """Whether messages can come in."""
        return self.connected_at_ms is not None

    def up(self, identity: str) -> None:
        """The platform knows us as `identity` and messages can come in."""
        self.identity = identity
        self.connected_at_ms = self.last_seen_at_ms = now_ms()

    def seen(self) -> None:
        """The platform gave a sign of life."""
        self.last_seen_at_ms = now_ms()

    def down(self) -> None:
        """Messages cannot come in any more."""
        self.connected_at_ms = None


Deliver = Callable[[Envelope], Awaitable[None]]
"""Hands an envelope on. When it returns, the message is on disk (or was refused for good): it may be acknowledged."""


class Channel(Protocol):
    """One account on one platform: built as `Adapter(account_id, settings)`, without I/O.

    An adapter receives, sends and formats. When to try again, who may write and which session it is are decided
    elsewhere. Failures are leaves of `ChannelError` from `failures.py`, and hold no credential.
    """

    id: ClassVar[str]
    typing_every_s: ClassVar[float]
    account: str
    link: Link

    async def run(self, deliver: Deliver) -> None:
        """Receive until cancelled; raise `ChannelError` when broken (the supervisor restarts with backoff)."""
        ...

    def split(self, message: Outbound) -> Sequence[Outbound]:
        """The parts to send in order, each one message of the platform; none when there is nothing to say."""
        ...

    async def send(self, message: Outbound) -> Sent:
        """Send one part; raise `ChannelError` when it was not sent."""
        ...

    async def typing(self, chat_id: str, thread_id: str | None = None) -> None:
        """Show that an answer is being made; failures are the adapter's to swallow."""
        ...

    async def probe(self) -> Probe:
        """Ask the platform who we are."""
        ...

    async def close(self) -> None:
        """Let go of connections; nothing is sent afterwards."""
        ...
