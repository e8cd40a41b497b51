"""`sessions.list`: which conversations there are, newest first."""

from pathlib import Path

from clawfleet.agents.run import TurnInput
from tests.unit.rpc.house import House, demo_at_once, open_house


async def test_sessions_come_newest_first_with_what_clients_show(house: House) -> None:
    await house.say("one", key="first", run="k1")
    await house.say("two", key="second", run="k2")
    listed = await house.call("sessions.list")
    assert [row["key"] for row in listed["sessions"]] == ["agent:main:second", "agent:main:first"]
    row = listed["sessions"][0]
    assert (row["agentId"], row["kind"], row["status"], row["hasActiveRun"]) == ("main", "direct", "done", False)
    assert (row["modelProvider"], row["model"], row["contextTokens"] > 0) == ("demo", "echo", True)
    assert row["totalTokens"] == row["inputTokens"] + row["outputTokens"] > 0
    assert (listed["count"], listed["totalCount"], listed["hasMore"], listed["limitApplied"]) == (2, 2, False, 100)
    assert listed["path"].endswith("gateway.sqlite")


async def test_pages_lead_through_all_of_them(house: House) -> None:
    for number in range(3):
        await house.say("x", key=f"s{number}", run=f"k{number}")
    first = await house.call("sessions.list", limit=2)
    assert (first["hasMore"], first["nextOffset"], first["count"]) == (True, 2, 2)
    rest = await house.call("sessions.list", limit=2, offset=first["nextOffset"])
    assert [row["key"] for row in rest["sessions"]] == ["agent:main:s0"]
    assert (rest["hasMore"], "nextOffset" in rest) == (False, False)
    assert (await house.call("sessions.list", limit=10_000))["limitApplied"] == 500


async def test_one_agents_sessions_can_be_asked_for(tmp_path: Path, monkeypatch: object) -> None:
    demo_at_once(monkeypatch)
    async with open_house(tmp_path, {"agents": {"entries": {"main": {}, "ops": {}}}}) as house:
        await house.say("x", key="main", run="k1")
        await house.say("x", key="agent:ops:main", run="k2")
        listed = await house.call("sessions.list", agentId="ops")
        error = await house.refused("sessions.list", {"agentId": "nope"})
    assert [row["key"] for row in listed["sessions"]] == ["agent:ops:main"]
    assert error["details"]["code"] == "UNKNOWN_AGENT"


async def test_one_shot_conversations_are_not_listed(house: House) -> None:
    await house.gateway.runs.accept(TurnInput("agent:main:openai:1", "main", "x", ephemeral=True))
    await house.settled()
    assert (await house.call("sessions.list"))["sessions"] == []


async def test_a_key_of_a_group_is_shown_as_one(house: House) -> None:
    await house.say("x", key="telegram:group:-100")
    assert (await house.call("sessions.list"))["sessions"][0]["kind"] == "group"


async def test_what_todays_clients_send_is_taken_and_anything_else_refused(house: House) -> None:
    await house.call(
        "sessions.list",
        includeGlobal=True,
        includeUnknown=True,
        configuredAgentsOnly=True,
        includeDerivedTitles=True,
        includeLastMessage=True,
        ownerFirst=True,
        limit=200,
    )
    error = await house.refused("sessions.list", {"bogus": 1})
    assert error["message"] == "invalid sessions.list params: at root: unexpected property 'bogus'"


async def test_an_offset_beyond_everything_is_refused_not_a_bug(house: House) -> None:
    for method, params in (("sessions.list", {}), ("chat.history", {"sessionKey": "main"})):
        error = await house.refused(method, {**params, "offset": 10**30})
        assert error["message"].startswith(f"invalid {method} params: at /offset: must be <=")


async def test_titles_and_last_words_come_when_they_are_asked_for(house: House) -> None:
    await house.say("what is up")
    (plain,) = (await house.call("sessions.list"))["sessions"]
    assert {"derivedTitle", "lastMessagePreview"} & plain.keys() == set()
    (full,) = (await house.call("sessions.list", includeDerivedTitles=True, includeLastMessage=True))["sessions"]
    assert full["derivedTitle"] == "what is up"
    assert full["lastMessagePreview"]


async def test_filters_narrow_the_list(house: House) -> None:
    await house.say("hi", key="main")
    await house.call("sessions.create", key="work", label="Work")
    await house.call("sessions.patch", key="work", archived=True)

    async def keys(**params: object) -> list[str]:
        return [
            row["key"].removeprefix("agent:main:") for row in (await house.call("sessions.list", **params))["sessions"]
        ]

    assert await keys() == ["main"]
    assert sorted(await keys(archived="all")) == ["main", "work"]
    assert await keys(archived=True, search="wor") == ["work"]
    assert await keys(archived="all", spawnedBy="main") == ["work"]
    assert await keys(archived="all", hasBoard=True) == []
    assert await keys(activeMinutes=5, requireLastInteraction=True, configuredAgentsOnly=True) == ["main"]
    error = await house.refused("sessions.list", {"bogus": 1})
    assert "unexpected property 'bogus'" in error["message"]


async def test_a_subscription_is_kept_with_the_connection(house: House) -> None:
    caller = house.caller("operator.read")
    (plain,) = await house.ask("sessions.subscribe", {}, caller=caller)
    assert (plain["payload"], caller.state.watches_sessions) == ({"subscribed": True}, True)
    (listed,) = await house.ask("sessions.subscribe", {"limit": 5}, caller=caller)
    assert listed["payload"]["list"]["limitApplied"] == 5
    (over,) = await house.ask("sessions.unsubscribe", {}, caller=caller)
    assert (over["payload"], caller.state.watches_sessions) == ({"subscribed": False}, False)
