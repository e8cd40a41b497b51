"""What an error of Telegram means for us. Pure; no message of the library is passed on unread, some hold the token."""

from __future__ import annotations

from datetime import timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from clawfleet.channels.failures import (
    MarkupRefused,
    NotConnected,
    PollerConflict,
    SendRefused,
    TokenRejected,
    TooFast,
)
from clawfleet.core.errors import ChannelError


def read_failure(error: TelegramError, account: str, token: str) -> ChannelError:
    """The `ChannelError` for `error`. The order matters: a BadRequest is a NetworkError to the library."""
    said = error.message.replace(token, "***")
    failure: ChannelError
    match error:
        case RetryAfter():
            pause = error.retry_after
            failure = TooFast("telegram", pause.total_seconds() if isinstance(pause, timedelta) else float(pause))
        case InvalidToken():
            failure = TokenRejected("telegram", "channels.telegram.botToken")
        case Conflict():
            failure = PollerConflict("telegram", account)
        case ChatMigrated():
            failure = SendRefused(
                "telegram: the group became a supergroup", hint=f"its chat id is now {error.new_chat_id}"
            )
        case BadRequest() if "can't parse entities" in said.lower():
            failure = MarkupRefused(f"telegram refused the formatting: {said}")
        case BadRequest() | Forbidden():
            failure = SendRefused(f"telegram refused: {said}")
        case TimedOut():
            failure = NotConnected("telegram did not answer in time")
        case _:
            failure = NotConnected(f"telegram cannot be reached: {said}")
    return failure
