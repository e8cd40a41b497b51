"""sessions_history as a model meets it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clawfleet.config.models.root import Config
from clawfleet.core.messages import Message
from clawfleet.secrets.redact import Redactor
from clawfleet.tools.conversations.failures import NoSession, OutOfReach
from clawfleet.tools.conversations.sessions_history import SessionsHistoryTool
from clawfleet.tools.conversations.visibility import Reach
from tests.support.desk import CONTEXT, FakeDesk

GROUP = "agent:main:telegram:group:-7"


async def history(desk: FakeDesk, key: str = "agent:main:main", **arguments: object) -> dict[str, Any]:
    reach = Reach.of(Config(), "main", key, clamped=False)
    result = await SessionsHistoryTool(desk, reach, Redactor()).run(CONTEXT, arguments)
    told: dict[str, Any] = json.loads(result.text)
    return told


async def fill(desk: FakeDesk, count: int) -> list[str]:
    """The ids of so many messages in the group."""
    session = await desk.store.find(GROUP)
    assert session is not None
    entries = await desk.store.append(session.session_id, None, [Message("user", f"m{n}") for n in range(count)])
    return [entry.entry_id for entry in entries]


def texts(told: dict[str, Any]) -> list[str]:
    return [row["content"] for row in told["messages"]]


async def test_the_newest_come_first_to_be_kept(desk: FakeDesk) -> None:
    """Page by page backwards."""
    await fill(desk, 5)
    told = await history(desk, sessionKey=GROUP, limit=2)
    assert (texts(told), told["nextOffset"], told["truncated"]) == (["m3", "m4"], 2, True)
    assert told["pendingInputs"] == []
    told = await history(desk, sessionKey=GROUP, limit=4, offset=2)
    assert (texts(told), "nextOffset" in told) == (["m0", "m1", "m2"], False)


async def test_messages_around_one(desk: FakeDesk) -> None:
    ids = await fill(desk, 9)
    told = await history(desk, sessionKey=GROUP, limit=3, messageId=ids[4])
    assert texts(told) == ["m3", "m4", "m5"]
    with pytest.raises(NoSession):
        await history(desk, sessionKey="main", messageId=ids[4])


async def test_a_session_that_began_anew_is_another(desk: FakeDesk) -> None:
    with pytest.raises(NoSession, match="began anew"):
        await history(desk, sessionKey=GROUP, sessionId="old")


async def test_what_is_out_of_reach_is_not_read(desk: FakeDesk) -> None:
    with pytest.raises(OutOfReach):
        await history(desk, GROUP, sessionKey="main")
