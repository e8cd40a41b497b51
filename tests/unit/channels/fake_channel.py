"""A channel without a platform: tests tell it what comes in and what goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from clawfleet.channels.base import Account, Deliver, Envelope, Link, Outbound, Probe, Sent
from clawfleet.channels.retry import Pace


def account(name: str = "default", *, enabled: bool = True, configured: bool = True) -> Account:
    """A Telegram account as the config would give it."""
    return Account("telegram", name, enabled, "polling", "config", settings="x" if configured else None)


def dm(text: str = "hi", *, sender: str = "42", message_id: str = "1") -> Envelope:
    """A direct message."""
    meta = {"username": "al", "firstName": "Al"}
    return Envelope("telegram", "default", sender, "direct", message_id, sender, text, sender_meta=meta)


class Waits:
    """Records how long was waited, without waiting; `pace` does it, its clock moves along."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.now_ms = 1_000_000
        self.pace = Pace(sleep=self._sleep, random=lambda: 0.5, now_ms=lambda: self.now_ms)

    async def _sleep(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self.now_ms += round(seconds * 1000)
        await asyncio.sleep(0)


class FakeChannel:
    """`runs` scripts one `run` each: an exception to raise, or None to stay connected until cancelled.

    `sends` scripts one `send` each in the same way; what got through is in `sent`.
    """

    id: ClassVar[str] = "telegram"
    typing_every_s: ClassVar[float] = 4.0

    def __init__(self, name: str = "default") -> None:
        self.account = name
        self.link = Link()
        self.runs: list[BaseException | None] = []
        self.sends: list[BaseException | None] = []
        self.incoming: asyncio.Queue[Envelope] = asyncio.Queue()
        self.sent: list[Outbound] = []
        self.typed: list[tuple[str, str | None]] = []
        self.probes: list[Probe] = []
        self.started = 0
        self.closed = False
        self.ignores_cancel = False

    async def run(self, deliver: Deliver) -> None:
        self.started += 1
        self.link.up("@fake_bot")
        outcome = self.runs.pop(0) if self.runs else None
        if outcome is not None:
            raise outcome
        while True:
            try:
                await deliver(await self.incoming.get())
            except asyncio.CancelledError:
                if not self.ignores_cancel:
                    raise

    def split(self, message: Outbound) -> Sequence[Outbound]:
        texts = [text for text in message.text.split("|") if text]
        return [Outbound(message.chat_id, text, message.thread_id, message.reply_to) for text in texts]

    async def send(self, message: Outbound) -> Sent:
        outcome = self.sends.pop(0) if self.sends else None
        if outcome is not None:
            raise outcome
        self.sent.append(message)
        return Sent((str(len(self.sent)),))

    async def typing(self, chat_id: str, thread_id: str | None = None) -> None:
        self.typed.append((chat_id, thread_id))

    async def probe(self) -> Probe:
        if not self.probes:
            await asyncio.Event().wait()
        return self.probes.pop(0)

    async def close(self) -> None:
        self.closed = True


async def until(condition: object, limit_s: float = 30.0) -> None:
    """Return when calling `condition` gives something true."""
    assert callable(condition)
    async with asyncio.timeout(limit_s):
        while not condition():
            await asyncio.sleep(0.001)
