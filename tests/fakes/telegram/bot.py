"""One bot: its chats and messages, and the updates that wait to be fetched."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import Any

from tests.fakes.telegram.errors import BotApiError, bad_request

MAX_PENDING = 10_000
MAX_BATCH = 100
MAX_WAIT_S = 50
CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)

Update = dict[str, Any]


class Bot:
    """The state of one token. The number before the colon is the bot's user id."""

    def __init__(self, token: str) -> None:
        self.id = int(token.partition(":")[0])
        self.username = f"fake_{self.id}_bot"
        self.updates: deque[Update] = deque(maxlen=MAX_PENDING)
        self.chats: dict[int, dict[str, Any]] = {}
        self.messages: dict[tuple[int, int], dict[str, Any]] = {}
        self.commands: dict[str, list[dict[str, Any]]] = {}
        self.webhook_url = ""
        self.confirmed = 0
        self._allowed: list[str] = []
        self._update_ids = 1000
        self._message_ids = 0
        self._poll = 0
        self._waiting = 0
        self.changed = asyncio.Condition()

    def me(self) -> dict[str, Any]:
        """The answer of getMe."""
        return self.user() | {
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    def user(self) -> dict[str, Any]:
        """The bot as the sender of a message."""
        return {"id": self.id, "is_bot": True, "first_name": "Fake", "username": self.username}

    def state(self) -> dict[str, Any]:
        """What a test may want to know: the newest confirmed update, how many wait, whether somebody polls."""
        pending = [update["update_id"] for update in self.updates]
        return {"confirmed": self.confirmed, "pending": pending, "polling": self._waiting > 0, "chats": [*self.chats]}

    async def inject(self, update: Update) -> Update:
        """Queues an update, with ids and dates filled in where it has none, and makes its chat known."""
        self._update_ids += 1
        filled = {"update_id": self._update_ids} | update
        self._update_ids = max(self._update_ids, filled["update_id"])
        for kind, content in filled.items():
            if kind != "update_id" and isinstance(content, dict):
                filled[kind] = self._filled(content)
        if not self._allowed or any(kind in self._allowed for kind in filled):
            self.updates.append(filled)
        async with self.changed:
            self.changed.notify_all()
        return filled

    async def fetch(self, offset: int, limit: int, timeout_s: int, allowed: list[str] | None) -> list[Update]:
        """getUpdates: confirms what lies below `offset`, then waits up to `timeout_s` for an update.

        Raises BotApiError 409 in the older of two pollers, and while a webhook is set.
        """
        if self.webhook_url:
            raise BotApiError(409, WEBHOOK_ACTIVE)
        if allowed is not None:
            self._allowed = allowed
        self._poll += 1
        mine = self._poll
        self._waiting += 1
        try:
            async with self.changed:
                self._confirm(offset)
                self.changed.notify_all()
                await self._wait(mine, min(timeout_s, MAX_WAIT_S))
        finally:
            self._waiting -= 1
        if self._poll != mine:
            raise BotApiError(409, CONFLICT)
        return list(self.updates)[: max(1, min(limit, MAX_BATCH))]

    def new_message(self, chat_id: int, content: dict[str, Any]) -> dict[str, Any]:
        """A message that the bot sends, kept and with its id."""
        self._message_ids += 1
        message = {"message_id": self._message_ids, "date": int(time.time()), "chat": self.chats[chat_id]}
        message |= {"from": self.user()} | content
        self.messages[chat_id, self._message_ids] = message
        return message

    def own_message(self, chat_id: int, message_id: int, verb: str) -> dict[str, Any]:
        """A message that the bot itself sent. Raises BotApiError 400."""
        message = self.messages.get((chat_id, message_id))
        if message is None:
            raise bad_request(f"message to {verb} not found")
        if message["from"]["id"] != self.id:
            raise bad_request(f"message can't be {verb}{'d' if verb.endswith('e') else 'ed'}")
        return message

    def forget(self) -> None:
        """Everything but the counters: ids never come twice."""
        self.updates.clear()
        self.chats.clear()
        self.messages.clear()
        self.commands.clear()
        self.webhook_url = ""
        self._allowed = []

    async def _wait(self, mine: int, timeout_s: int) -> None:
        def over() -> bool:
            return bool(self.updates) or self._poll != mine

        try:
            async with asyncio.timeout(timeout_s):
                await self.changed.wait_for(over)
        except TimeoutError:
            return

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            while len(self.updates) > -offset:
                self.updates.popleft()
            return
        while self.updates and self.updates[0]["update_id"] < offset:
            self.confirmed = max(self.confirmed, self.updates.popleft()["update_id"])

    def _filled(self, content: dict[str, Any]) -> dict[str, Any]:
        """A message or the like with id and date; its chat becomes known and it can be replied to."""
        chat = content.get("chat")
        if not isinstance(chat, dict):
            return content
        self.chats[chat["id"]] = chat
        if "message_id" not in content:
            self._message_ids += 1
        filled = {"message_id": self._message_ids, "date": int(time.time())} | content
        self.messages.setdefault((chat["id"], filled["message_id"]), filled)
        return filled
