"""Telegram's errors become ours, and none of them carries the token."""

from datetime import timedelta

import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from clawfleet.channels import failures
from clawfleet.channels.telegram.failures import read_failure

TOKEN = "123:SECRET"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (InvalidToken(f"The token `{TOKEN}` was rejected by the server."), failures.TokenRejected),
        (Conflict("terminated by other getUpdates request"), failures.PollerConflict),
        (BadRequest("Can't parse entities: unsupported start tag"), failures.MarkupRefused),
        (BadRequest("Chat not found"), failures.SendRefused),
        (Forbidden("bot was blocked by the user"), failures.SendRefused),
        (ChatMigrated(-100), failures.SendRefused),
        (TimedOut(), failures.NotConnected),
        (NetworkError(f"ConnectError at https://x/bot{TOKEN}/getMe"), failures.NotConnected),
        (TelegramError("Invalid server response"), failures.NotConnected),
    ],
)
def test_an_error_is_told_for_what_it_is_without_the_token(error: TelegramError, kind: type) -> None:
    failure = read_failure(error, "default", TOKEN)
    assert type(failure) is kind
    assert TOKEN not in failure.message + str(failure.hint) + repr(failure.details)


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
@pytest.mark.parametrize("pause", [7, timedelta(seconds=7)])
def test_a_pause_comes_in_seconds(pause: int | timedelta) -> None:
    failure = read_failure(RetryAfter(pause), "default", TOKEN)
    assert isinstance(failure, failures.TooFast) and failure.retry_after_s == 7


def test_a_migrated_group_says_its_new_id() -> None:
    assert "-1007" in (read_failure(ChatMigrated(-1007), "default", TOKEN).hint or "")
