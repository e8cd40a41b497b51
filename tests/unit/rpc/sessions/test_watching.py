"""Whose messages a client is told is kept with its connection, and bounded."""

import pytest

from clawfleet.rpc.sessions import watching
from clawfleet.tools.approvals import Asked
from tests.unit.rpc.house import House

KEY = "agent:main:main"


async def test_a_session_is_watched_until_it_is_not(house: House) -> None:
    caller = house.caller("operator.read")
    (frame,) = await house.ask("sessions.messages.subscribe", {"key": "main"}, caller=caller)
    assert frame["payload"] == {"subscribed": True, "key": KEY}
    assert caller.state.watched_messages == {KEY}
    (frame,) = await house.ask("sessions.messages.unsubscribe", {"key": "main"}, caller=caller)
    assert (frame["payload"], caller.state.watched_messages) == ({"subscribed": False, "key": KEY}, set())


async def test_a_client_watches_no_more_than_it_may(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "MAX_WATCHED", 1)
    caller = house.caller("operator.read")
    for _ in range(2):
        await house.ask("sessions.messages.subscribe", {"key": "a"}, caller=caller)
    error = await house.refused("sessions.messages.subscribe", {"key": "b"}, caller=caller)
    assert error["details"]["code"] == "TOO_MANY_SUBSCRIPTIONS"


async def test_who_may_decide_gets_what_waits_in_the_session(house: House) -> None:
    approvals = house.gateway.toolbox.approvals
    approvals.announce = lambda approval: 1
    mine = approvals.request(Asked(command="ls", allowed=("deny",), session_key=KEY))
    approvals.request(Asked(command="ls", allowed=("deny",), session_key="agent:main:other"))
    replay = (await house.call("sessions.messages.subscribe", key="main", includeApprovals=True))["approvalReplay"]
    assert [row["id"] for row in replay["approvals"]] == [mine.id]
    reader = house.caller("operator.read")
    (frame,) = await house.ask("sessions.messages.subscribe", {"key": "main", "includeApprovals": True}, caller=reader)
    assert "approvalReplay" not in frame["payload"]
