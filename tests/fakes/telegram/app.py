"""A Telegram Bot API that does as it is told: updates are injected, what bots send is read, failures are ordered.

GET|POST /bot<token>/<method>   the Bot API for the tokens of FAKE_TELEGRAM_TOKENS (comma list)
POST /_inject   queues one update, `{"message": {...}}`, with ids and dates filled in, and answers it
                (?token= for another bot than the first)
POST /_chat     a chat that a bot may write to without having been written to
POST /_fail     a list of orders for coming calls: `{"method": "sendMessage", "status": 429, "retry_after": 2}`;
                `"drop": true` closes the connection instead; `"done": true` carries the call out first
                (without method: any call)
GET  /_sent     messages that bots sent or edited, in order; ?at_least=N&timeout_s=S
GET  /_calls    every call with bot, method, params, status; ?method=M&at_least=N&timeout_s=S
GET  /_state    confirmed and pending updates; ?token=T&confirmed=<update_id>&timeout_s=S
POST /_reset    forgets all but the ids already used
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

from aiohttp import web

from tests.fakes.journal import WAIT_LIMIT_S, Entry, Journal
from tests.fakes.telegram.bot import Bot
from tests.fakes.telegram.errors import BotApiError
from tests.fakes.telegram.methods import METHODS
from tests.fakes.telegram.params import Params, read_params

DEFAULT_TOKEN = "1001:fake-telegram-token"
STATUS_TEXTS = {
    400: "Bad Request: ordered by the test",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    409: "Conflict: ordered by the test",
    429: "Too Many Requests: retry after",
}


class FakeTelegram:
    """The state of the fake: its bots, the orders to fail, and what was called and sent."""

    def __init__(self, tokens: tuple[str, ...] = (DEFAULT_TOKEN,)) -> None:
        self.bots = {token: Bot(token) for token in tokens}
        self.orders: list[dict[str, Any]] = []
        self.calls = Journal()
        self.sent = Journal()

    def app(self) -> web.Application:
        """The application that serves this fake."""
        app = web.Application()
        app.add_routes(
            [
                web.route("*", "/bot{token:[^/]+}/{method}", self.call),
                web.post("/_inject", self.inject),
                web.post("/_chat", self.add_chat),
                web.post("/_fail", self.fail),
                web.get("/_sent", self.list_sent),
                web.get("/_calls", self.list_calls),
                web.get("/_state", self.state),
                web.post("/_reset", self.reset),
            ]
        )
        return app

    async def call(self, request: web.Request) -> web.StreamResponse:
        """One call of the Bot API, recorded before it is answered."""
        name = request.match_info["method"]
        entry: Entry = {"bot": 0, "method": name, "params": {}, "status": 0}
        try:
            params = await read_params(request)
            entry["params"] = params.values
            bot = self._bot(request.match_info["token"])
            entry["bot"] = bot.id
            await self.calls.add(entry)
            result = await self._obey(bot, name, params)
            entry["status"] = 200
        except BotApiError as error:
            entry["status"] = error.status
            return web.json_response(error.body(), status=error.status)
        except _Dropped:
            if request.transport is not None:
                request.transport.close()
            return web.Response()
        finally:
            await self.calls.touch()
        return web.json_response({"ok": True, "result": result})

    async def inject(self, request: web.Request) -> web.StreamResponse:
        """Queues an update for a bot."""
        return web.json_response(await self._chosen(request).inject(await request.json()))

    async def add_chat(self, request: web.Request) -> web.StreamResponse:
        """Makes a chat known to a bot."""
        chat = await request.json()
        self._chosen(request).chats[chat["id"]] = chat
        return web.json_response(chat)

    async def fail(self, request: web.Request) -> web.StreamResponse:
        """Orders failures for coming calls; each order is used once."""
        self.orders += await request.json()
        return web.json_response({"ordered": len(self.orders)})

    async def list_sent(self, request: web.Request) -> web.StreamResponse:
        """What bots sent, oldest first."""
        return await self.sent.reply(request, "sent", lambda entry: True)

    async def list_calls(self, request: web.Request) -> web.StreamResponse:
        """What bots called, oldest first."""
        method = request.query.get("method", "").lower()
        return await self.calls.reply(request, "calls", lambda entry: method in ("", entry["method"].lower()))

    async def state(self, request: web.Request) -> web.StreamResponse:
        """Where a bot's updates stand, once one of them is confirmed; 408 when that does not happen."""
        bot = self._chosen(request)
        wanted = int(request.query.get("confirmed", "0"))
        limit_s = float(request.query.get("timeout_s", WAIT_LIMIT_S))
        try:
            async with asyncio.timeout(limit_s), bot.changed:
                await bot.changed.wait_for(lambda: bot.confirmed >= wanted)
        except TimeoutError:
            return web.json_response(bot.state(), status=408)
        return web.json_response(bot.state())

    async def reset(self, request: web.Request) -> web.StreamResponse:
        """Forgets all but the ids already used."""
        self.orders.clear()
        self.calls.entries.clear()
        self.sent.entries.clear()
        for bot in self.bots.values():
            bot.forget()
        return web.json_response({})

    def _bot(self, token: str) -> Bot:
        if token not in self.bots:
            raise BotApiError(401, "Unauthorized")
        return self.bots[token]

    def _chosen(self, request: web.Request) -> Bot:
        """The bot that a control request means: the first one unless it names another."""
        return self.bots[request.query.get("token", next(iter(self.bots)))]

    async def _obey(self, bot: Bot, name: str, params: Params) -> Any:
        """The result of a call, unless an order says how it fails."""
        order = self._order(name)
        if order is None or order.get("done"):
            result = await self._carry_out(bot, name, params)
            if order is None:
                return result
        if order.get("drop"):
            raise _Dropped
        raise _ordered_error(order)

    async def _carry_out(self, bot: Bot, name: str, params: Params) -> Any:
        method = METHODS.get(name.lower())
        if method is None:
            raise BotApiError(404, "Not Found")
        result = await method(bot, params)
        if isinstance(result, dict) and "message_id" in result:
            await self.sent.add(_sent(bot, name, params, result))
        return result

    def _order(self, name: str) -> dict[str, Any] | None:
        for order in self.orders:
            if order.get("method", "*").lower() in ("*", name.lower()):
                self.orders.remove(order)
                return order
        return None


class _Dropped(Exception):
    """The connection closes without an answer."""


def make_app() -> web.Application:
    """A fresh fake for the tokens of FAKE_TELEGRAM_TOKENS."""
    tokens = os.environ.get("FAKE_TELEGRAM_TOKENS", DEFAULT_TOKEN)
    return FakeTelegram(tuple(tokens.split(","))).app()


def _ordered_error(order: dict[str, Any]) -> BotApiError:
    status = int(order["status"])
    text = str(order.get("description") or STATUS_TEXTS.get(status, "Internal Server Error"))
    parameters = {key: order[key] for key in ("retry_after", "migrate_to_chat_id") if key in order}
    if status == 429 and "description" not in order:
        text = f"{text} {parameters.setdefault('retry_after', 1)}"
    return BotApiError(status, text, **parameters)


def _sent(bot: Bot, name: str, params: Params, message: dict[str, Any]) -> Entry:
    return {
        "bot": bot.id,
        "method": name,
        "chat_id": message["chat"]["id"],
        "message_id": message["message_id"],
        "text": message.get("text", ""),
        "entities": message.get("entities", []),
        "source": params.text("text"),
        "parse_mode": params.text("parse_mode"),
        "thread_id": message.get("message_thread_id"),
        "reply_to": message.get("reply_to_message", {}).get("message_id"),
    }
