"""Answers on their way back to the chat they belong to, and the sign that one is being made.

`deliver_reply` is called again, also after a restart, until it returned once: it is safe to repeat and, within one
process, goes on after the last part that was sent.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from dataclasses import asdict, dataclass
from typing import Self

from clawfleet.channels.base import Outbound, Sent
from clawfleet.channels.directives import read_reply
from clawfleet.channels.retry import Pace
from clawfleet.channels.supervisor import Supervisor
from clawfleet.core.errors import ChannelError
from clawfleet.core.tasks import Tasks

log = logging.getLogger("clawfleet.channels")

TYPING_MOST_S = 3600.0
"""Nobody is shown "typing" for longer, whatever became of the run."""

MOST_UNFINISHED = 256

MOST_REMARKS = 16
"""That may wait for one chat; what is more is not said, an answer matters more than how it came about."""

REMARKS_S = 10.0
"""How long an answer waits for the remarks that were made before it."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where the answer to one message goes. `reply_to` is that message; it is quoted only when the answer asks so.

    Travels with the durable input as text: `encode` and `decode`.
    """

    channel: str
    account: str
    chat_id: str
    thread_id: str | None = None
    reply_to: str | None = None

    def encode(self) -> str:
        """The delivery as JSON text."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def decode(cls, text: str) -> Self:
        """The delivery that `encode` wrote."""
        return cls(**json.loads(text))


class Replies:
    """Sends answers and shows typing through the supervisor. A delivery is always given as its encoded text."""

    def __init__(self, supervisor: Supervisor, pace: Pace | None = None) -> None:
        self._supervisor = supervisor
        self._pace = pace or Pace()
        self._tasks = Tasks()
        self._typing: dict[str, asyncio.Task[None]] = {}
        self._progress: dict[str, list[Sent]] = {}
        self._remarks: dict[str, tuple[deque[str], asyncio.Task[None]]] = {}

    async def deliver_reply(self, delivery: str, text: str) -> None:
        """Send an answer; returns when the platform has all of it. Raises a leaf of `ChannelError` otherwise."""
        self.stop_typing(delivery)
        if delivery in self._remarks:
            await asyncio.wait({self._remarks[delivery][1]}, timeout=REMARKS_S)
        answer, to = read_reply(text), Delivery.decode(delivery)
        reply_to = to.reply_to if answer.reply_to == "" else answer.reply_to
        message = Outbound(to.chat_id, answer.text, thread_id=to.thread_id, reply_to=reply_to)
        progress = self._progress.pop(delivery, [])
        try:
            await self._supervisor.send(to.channel, to.account, message, progress=progress)
        except ChannelError:
            if progress:
                self._remember(delivery, progress)
            raise

    def remark(self, delivery: str, text: str) -> None:
        """Say something before the answer and beside it, in order; what the platform does not take is lost."""
        if delivery not in self._remarks:
            texts: deque[str] = deque()
            self._remarks[delivery] = texts, self._tasks.start(self._say(delivery, texts), name="remarks")
        texts = self._remarks[delivery][0]
        if len(texts) < MOST_REMARKS:
            texts.append(text)

    def start_typing(self, delivery: str) -> None:
        """Show typing in the chat until `stop_typing` or `deliver_reply`; again is harmless."""
        if delivery not in self._typing:
            self._typing[delivery] = self._tasks.start(self._type(Delivery.decode(delivery)), name="typing")

    def stop_typing(self, delivery: str) -> None:
        """Stop showing it; harmless when it is not shown."""
        if (task := self._typing.pop(delivery, None)) is not None:
            task.cancel()

    async def close(self) -> None:
        """Stop every typing."""
        self._typing.clear()
        await self._tasks.close()

    def _remember(self, delivery: str, progress: list[Sent]) -> None:
        """Keep what was sent of an answer for its next try; the oldest is forgotten and would start over."""
        self._progress[delivery] = progress
        if len(self._progress) > MOST_UNFINISHED:
            del self._progress[next(iter(self._progress))]

    async def _say(self, delivery: str, texts: deque[str]) -> None:
        to = Delivery.decode(delivery)
        try:
            while texts:
                message = Outbound(to.chat_id, texts.popleft(), thread_id=to.thread_id)
                try:
                    await self._supervisor.send(to.channel, to.account, message)
                except ChannelError as error:
                    log.info("not told to a chat of %s: %s", to.channel, error)
        finally:
            del self._remarks[delivery]

    async def _type(self, to: Delivery) -> None:
        shown_s = 0.0
        try:
            while shown_s < TYPING_MOST_S:
                every_s = await self._supervisor.typing(to.channel, to.account, to.chat_id, to.thread_id)
                if every_s is None:
                    return
                shown_s += every_s
                await self._pace.sleep(every_s)
        except ChannelError as error:
            log.debug("typing not shown: %s", error)
