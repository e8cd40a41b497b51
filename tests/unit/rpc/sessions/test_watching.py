"""Whose messages a client is told is kept with its connection, and bounded."""

import pytest

from clawfleet.rpc.sessions import watching
from tests.unit.rpc.house import House

KEY = "agent:main:main"


async def test_a_session_is_watched_until_it_is_not(house: House) -> None:
    caller = house.caller("operator.read")
    (frame,) = await house.ask("sessions.messages.subscribe", {"key": "main"}, caller=caller)
    assert frame["payload"] == {"subscribed": True, "key": KEY}
    assert caller.state.watched_messages == {KEY}
    (frame,) = await house.ask("sessions.messages.subscribe", {"key": KEY, "includeApprovals": True}, caller=caller)
    assert frame["payload"]["approvalReplay"]["approvals"] == []
    (frame,) = await house.ask("sessions.messages.unsubscribe", {"key": "main"}, caller=caller)
    assert (frame["payload"], caller.state.watched_messages) == ({"subscribed": False, "key": KEY}, set())


async def test_a_client_watches_no_more_than_it_may(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "MAX_WATCHED", 1)
    caller = house.caller("operator.read")
    for _ in range(2):
        await house.ask("sessions.messages.subscribe", {"key": "a"}, caller=caller)
    error = await house.refused("sessions.messages.subscribe", {"key": "b"}, caller=caller)
    assert error["details"]["code"] == "TOO_MANY_SUBSCRIPTIONS"
