"""Sessions are looked at without changing them."""

from tests.unit.rpc.house import House

KEY = "agent:main:main"


async def test_one_session_is_described(house: House) -> None:
    assert await house.call("sessions.describe", key="nobody") == {}
    await house.say("hi there")
    row = (await house.call("sessions.describe", key="main"))["session"]
    assert (row["key"], row["derivedTitle"], row["isMain"], row["unread"]) == (KEY, "hi there", True, True)
    assert (row["lastRunId"], row["status"], row["abortedLastRun"]) == ("run-1", "done", False)
    error = await house.refused("sessions.describe", {})
    assert error["message"] == "invalid sessions.describe params: must have required property 'key'"


async def test_last_words_of_several_sessions(house: House) -> None:
    await house.say("hi")
    await house.call("sessions.create", key="empty")
    previews = (await house.call("sessions.preview", keys=["main", "empty", "nobody"]))["previews"]
    assert [row["status"] for row in previews] == ["ok", "empty", "missing"]
    assert [item["role"] for item in previews[0]["items"]] == ["user", "assistant"]


async def test_a_session_is_found_by_key_id_or_label(house: House) -> None:
    created = await house.call("sessions.create", key="x", label="My test")
    expected = {"ok": True, "key": "agent:main:x", "agentId": "main"}
    for by in ({"key": "x"}, {"label": "My test"}, {"sessionId": created["sessionId"]}):
        assert await house.call("sessions.resolve", **by) == expected
    assert await house.call("sessions.resolve", label="other", allowMissing=True) == {"ok": False}
    assert (await house.refused("sessions.resolve", {"label": "other"}))["message"] == "No session found: other"
    assert (await house.refused("sessions.resolve", {}))["code"] == "INVALID_REQUEST"


async def test_messages_are_read_and_searched(house: House) -> None:
    await house.say("where is the apple")
    messages = (await house.call("sessions.get", key="main"))["messages"]
    assert [row["role"] for row in messages] == ["user", "assistant"]
    hits = (await house.call("sessions.search", query="APPLE", sessionKeys=["main"]))["results"]
    assert hits[-1]["sessionKey"] == KEY
    assert hits[-1]["messageId"] == messages[0]["__openclaw"]["id"]
    assert (await house.call("sessions.search", query="pear"))["results"] == []


async def test_a_conversation_has_one_branch(house: House) -> None:
    assert await house.call("sessions.branches.list", sessionKey="main") == {"branches": []}
    await house.say("hi")
    (branch,) = (await house.call("sessions.branches.list", sessionKey="main"))["branches"]
    assert (branch["messageCount"], branch["active"]) == (2, True)
    assert branch["updatedAt"].endswith("Z")
