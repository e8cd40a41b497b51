"""The seam between a messaging platform and the gateway. Shapes follow channels §2.2."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

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


@dataclass(frozen=True, slots=True)
class Outbound:
    """One text to send to a chat; the adapter cuts it to the platform's limits and converts Markdown."""

    chat_id: str
    text: str
    thread_id: str | None = None
    reply_to: str | None = None


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


Deliver = Callable[[Envelope], Awaitable[None]]
"""Hands an envelope on. When it returns, the message is on disk (or was refused for good): it may be acknowledged."""


class Channel(Protocol):
    """One account on one platform."""

    id: ClassVar[str]
    account: str

    async def run(self, deliver: Deliver) -> None:
        """Receive until cancelled; raise `ChannelError` when broken (the supervisor restarts with backoff)."""
        ...

    async def send(self, message: Outbound) -> Sent:
        """Send; raise `ChannelError` when it was not sent."""
        ...

    async def typing(self, chat_id: str, thread_id: str | None = None) -> None:
        """Show that an answer is being made; failures are the adapter's to swallow."""
        ...

    async def probe(self) -> Probe:
        """Ask the platform who we are."""
        ...
