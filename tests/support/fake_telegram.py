"""The fake Telegram as tests hold it: in this process or in a container, directed over its control paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.fakes.serving import in_thread
from tests.fakes.telegram.app import DEFAULT_TOKEN, FakeTelegram
from tests.support.fakes import ask, in_container

SECOND_TOKEN = "1002:second-telegram-token"
TOKENS = (DEFAULT_TOKEN, SECOND_TOKEN)


class TelegramControl:
    """A running fake Bot API. `token` and `second_token` are the tokens of its two bots."""

    token = DEFAULT_TOKEN
    second_token = SECOND_TOKEN

    def __init__(self, root_url: str) -> None:
        self.root_url = root_url

    def inject(self, update: Mapping[str, Any], *, token: str = DEFAULT_TOKEN) -> dict[str, Any]:
        """Sends an update to a bot (see `tests.fakes.telegram.updates`); the update with its ids."""
        injected: dict[str, Any] = ask(f"{self.root_url}/_inject?token={token}", dict(update))
        return injected

    def add_chat(self, chat: Mapping[str, Any], *, token: str = DEFAULT_TOKEN) -> None:
        """Lets a bot write to a chat that never wrote to it: `{"id": 42, "type": "private"}`."""
        ask(f"{self.root_url}/_chat?token={token}", dict(chat))

    def fail(self, *orders: Mapping[str, Any]) -> None:
        """Coming calls fail so, one each: `fail({"method": "sendMessage", "status": 429, "retry_after": 1})`."""
        ask(f"{self.root_url}/_fail", list(orders))

    def sent(self, *, at_least: int = 0, timeout_s: float = 30.0) -> list[dict[str, Any]]:
        """Messages that bots sent, oldest first, after waiting for `at_least` of them."""
        found: list[dict[str, Any]] = ask(f"{self.root_url}/_sent?at_least={at_least}&timeout_s={timeout_s}")["sent"]
        return found

    def calls(self, method: str = "", *, at_least: int = 0, timeout_s: float = 30.0) -> list[dict[str, Any]]:
        """Calls of a method (of all, without a name), oldest first, after waiting for `at_least` of them."""
        query = f"method={method}&at_least={at_least}&timeout_s={timeout_s}"
        found: list[dict[str, Any]] = ask(f"{self.root_url}/_calls?{query}")["calls"]
        return [call for call in found if not method or call["method"].lower() == method.lower()]

    def state(self, *, confirmed: int = 0, token: str = DEFAULT_TOKEN, timeout_s: float = 30.0) -> dict[str, Any]:
        """Where a bot's updates stand, after waiting until update `confirmed` is confirmed by a higher offset."""
        query = f"confirmed={confirmed}&token={token}&timeout_s={timeout_s}"
        found: dict[str, Any] = ask(f"{self.root_url}/_state?{query}")
        return found

    def reset(self) -> None:
        """Forgets all but the ids already used."""
        ask(f"{self.root_url}/_reset", {})

    def channel(self, **more: Any) -> dict[str, Any]:
        """The entry `channels.telegram` that makes a gateway use the first bot of this fake."""
        return {"enabled": True, "botToken": self.token, "apiRoot": self.root_url} | more


@contextmanager
def telegram_in_process() -> Iterator[TelegramControl]:
    """The fake Bot API in a thread of this process."""
    with in_thread(lambda: FakeTelegram(TOKENS).app()) as url:
        yield TelegramControl(url)


@contextmanager
def telegram_in_container() -> Iterator[TelegramControl]:
    """The fake Bot API as a container."""
    with in_container("tests.fakes.telegram", "/_state", {"FAKE_TELEGRAM_TOKENS": ",".join(TOKENS)}) as url:
        yield TelegramControl(url)
