"""The card that says how far a session's work is."""

from tests.unit.rpc.house import House

PLAN = [{"step": "look", "status": "completed"}, {"step": "mend", "status": "in_progress"}]


async def test_a_card_is_written_read_and_taken_away(house: House) -> None:
    assert await house.call("progressCard.get", sessionKey="main") == {"card": None}
    card = (await house.call("progressCard.put", sessionKey="main", plan=PLAN, markdown="half way"))["card"]
    assert (card["sessionKey"], card["revision"], card["markdown"]) == ("agent:main:main", 1, "half way")
    assert card["steps"] == PLAN
    assert (await house.call("progressCard.get", sessionKey="main"))["card"] == card
    error = await house.refused("progressCard.put", {"sessionKey": "main", "markdown": "x", "expectedRevision": 7})
    assert error["details"]["code"] == "PROGRESS_CARD_CHANGED"
    assert await house.call("progressCard.put", sessionKey="main", expectedRevision=1) == {"card": None}


async def test_a_session_of_nobody_is_refused(house: House) -> None:
    error = await house.refused("progressCard.get", {"sessionKey": "agent:nobody:x"})
    assert error["details"]["code"] == "UNKNOWN_AGENT"
