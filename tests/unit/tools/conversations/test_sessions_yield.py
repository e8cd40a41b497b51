"""sessions_yield as a model meets it."""

from __future__ import annotations

from clawfleet.tools.conversations.sessions_yield import SessionsYieldTool
from tests.support.desk import CONTEXT


async def test_the_turn_ends_with_what_the_user_is_told() -> None:
    """By default nothing."""
    silent = await SessionsYieldTool().run(CONTEXT, {})
    assert (silent.last_words, silent.text) == ("NO_REPLY", "Waiting for the next message.")
    spoken = await SessionsYieldTool().run(
        CONTEXT, {"waitFor": "message", "acknowledgment": " On it. ", "message": "n"}
    )
    assert (spoken.last_words, spoken.text) == ("On it.", "n")
