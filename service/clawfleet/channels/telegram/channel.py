"""A Telegram bot by long polling: the example of a channel. Source: channels §5.1; the Bot API's documentation."""

from __future__ import annotations

import asyncio
import logging
import warnings
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, TypeVar

from telegram import Bot, ReplyParameters, Update, User
from telegram.constants import ChatAction, ParseMode
from telegram.error import TelegramError
from telegram.request import HTTPXRequest
from telegram.warnings import PTBDeprecationWarning

from clawfleet.channels.base import Deliver, Envelope, Link, Outbound, Probe, Sent
from clawfleet.channels.failures import MarkupRefused
from clawfleet.channels.telegram.failures import read_failure
from clawfleet.channels.telegram.format import parts
from clawfleet.channels.telegram.settings import TelegramSettings
from clawfleet.channels.telegram.updates import ALLOWED_UPDATES, read_update
from clawfleet.core.errors import ChannelError

log = logging.getLogger("clawfleet.channels.telegram")

T = TypeVar("T")

POLL_S = 30
CONFIRM_S = 2.0
CONNECTIONS = 16
CONNECTION_WAIT_S = 10.0
GENERAL_TOPIC = "1"
"""Telegram refuses messages that name this topic; without one they arrive in it."""


@dataclass(slots=True)
class _Place:
    """How far the updates are read: `next` is wanted next, `confirmed` was the last one that Telegram was told."""

    next: int = 0
    confirmed: int = 0


class TelegramChannel:
    """One bot. The library's own poller is not used: it confirms updates before they are on disk."""

    id: ClassVar[str] = "telegram"
    typing_every_s: ClassVar[float] = 4.0

    def __init__(self, account: str, settings: TelegramSettings) -> None:
        self.account = account
        self.link = Link()
        self._settings = settings
        self._requests = (
            HTTPXRequest(connection_pool_size=1),
            HTTPXRequest(connection_pool_size=CONNECTIONS, pool_timeout=CONNECTION_WAIT_S),
        )
        _quiet_libraries()
        self._bot = Bot(
            settings.token,
            base_url=f"{settings.api_root}/bot",
            base_file_url=f"{settings.api_root}/file/bot",
            get_updates_request=self._requests[0],
            request=self._requests[1],
        )

    async def run(self, deliver: Deliver) -> None:
        """Receive until cancelled. An update is confirmed to Telegram only after `deliver` returned."""
        me = await self._ask(self._bot.get_me())
        await self._ask(self._bot.delete_webhook(drop_pending_updates=False))
        place = _Place()
        try:
            await self._poll(me, deliver, place)
        except asyncio.CancelledError:
            await self._confirm(place)
            raise

    def split(self, message: Outbound) -> Sequence[Outbound]:
        """The messages that say `message`, in Telegram's HTML; only the first one is a reply."""
        made = [
            replace(message, text=part.plain, markup=part.html)
            for part in parts(message.text, self._settings.text_limit)
        ]
        return [made[0], *(replace(part, reply_to=None) for part in made[1:])] if made else []

    async def send(self, message: Outbound) -> Sent:
        """Send one part; once more without markup when Telegram cannot read it."""
        if message.markup is None:
            return await self._send(message, message.text, None)
        try:
            return await self._send(message, message.markup, ParseMode.HTML)
        except MarkupRefused as error:
            log.warning("%s; sending it as plain text", error)
            return await self._send(message, message.text, None)

    async def typing(self, chat_id: str, thread_id: str | None = None) -> None:
        """Show "typing…" for about five seconds."""
        try:
            await self._ask(self._bot.send_chat_action(chat_id, ChatAction.TYPING, message_thread_id=_topic(thread_id)))
        except ChannelError as error:
            log.debug("typing not shown: %s", error)

    async def probe(self) -> Probe:
        """Ask Telegram who we are."""
        try:
            me = await self._ask(self._bot.get_me())
        except ChannelError as error:
            return Probe(ok=False, error=error.message)
        return Probe(ok=True, identity=f"@{me.username}")

    async def close(self) -> None:
        """Close the HTTP connections."""
        for request in self._requests:
            await request.shutdown()

    async def _poll(self, me: User, deliver: Deliver, place: _Place) -> None:
        wait_s = 0
        while True:
            updates = await self._ask(
                self._bot.get_updates(offset=place.next, timeout=wait_s, allowed_updates=ALLOWED_UPDATES)
            )
            place.confirmed = place.next
            if self.link.connected:
                self.link.seen()
            else:
                self.link.up(f"@{me.username}")
                log.info("account %s is connected as %s", self.account, self.link.identity)
            for update in updates:
                if (envelope := self._read(update, me)) is not None:
                    await deliver(envelope)
                place.next = update.update_id + 1
            wait_s = POLL_S

    async def _confirm(self, place: _Place) -> None:
        """Tell Telegram what was kept since the last poll, so that it does not come again after a restart."""
        if place.next == place.confirmed:
            return
        try:
            async with asyncio.timeout(CONFIRM_S):
                await self._ask(self._bot.get_updates(offset=place.next, timeout=0, limit=1))
        except (ChannelError, TimeoutError) as error:
            log.info("updates up to %d not confirmed: %s; they come again and are known", place.next - 1, error)

    async def _send(self, message: Outbound, text: str, parse_mode: ParseMode | None) -> Sent:
        reply = ReplyParameters(int(message.reply_to), allow_sending_without_reply=True) if message.reply_to else None
        sent = await self._ask(
            self._bot.send_message(
                message.chat_id,
                text,
                parse_mode=parse_mode,
                message_thread_id=_topic(message.thread_id),
                reply_parameters=reply,
            )
        )
        return Sent((str(sent.message_id),))

    async def _ask(self, request: Awaitable[T]) -> T:
        """The answer of Telegram. Raises what its error means; the library's own may hold the token and ends here."""
        try:
            return await request
        except TelegramError as error:
            raise read_failure(error, self.account, self._settings.token) from None

    def _read(self, update: Update, me: User) -> Envelope | None:
        try:
            return read_update(update, self.account, me)
        except Exception:  # one unreadable update must not hold up all that follow
            log.exception("telegram update %d cannot be read and is skipped", update.update_id)
            return None


def _topic(thread_id: str | None) -> int | None:
    return int(thread_id) if thread_id is not None and thread_id != GENERAL_TOPIC else None


def _quiet_libraries() -> None:
    """Keep the libraries from logging request URLs, which hold the token, and from a warning about their own future."""
    for name in ("httpx", "httpcore", "telegram"):
        logging.getLogger(name).setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", message=".*retry_after.*", category=PTBDeprecationWarning)
