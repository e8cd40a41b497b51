"""What was said is read as a page, behind a cursor, or message by message."""

import asyncio
from pathlib import Path

from clawfleet.models.providers.base import TextDelta
from tests.unit.agents.fakes import say
from tests.unit.rpc.house import House, open_house, until


async def test_startup_is_a_page_with_its_session(house: House) -> None:
    await house.say("hi")
    page = await house.call("chat.startup", sessionKey="main", limit=80, maxBytes=262144)
    assert [row["role"] for row in page["messages"]] == ["user", "assistant"]
    assert page["sessionInfo"]["key"] == "agent:main:main"
    assert page["defaults"]["thinkingDefault"] == "off"
    assert page["messages"][1]["usage"]["totalTokens"] > 0


async def test_behind_a_cursor_comes_only_what_is_new(house: House) -> None:
    await house.say("one", run="k1")
    cursor = (await house.call("chat.history", sessionKey="main"))["deltaCursor"]
    await house.say("two", run="k2")
    delta = await house.call("chat.history", sessionKey="main", cursor=cursor)
    assert (delta["kind"], [row["messageSeq"] for row in delta["messages"]]) == ("delta", [3, 4])
    assert delta["messages"][0]["message"]["content"] == "two"
    again = await house.call("chat.history", sessionKey="main", cursor=delta["deltaCursor"])
    assert (again["kind"], again["messages"]) == ("delta", [])


async def test_a_cursor_that_leads_nowhere_gets_the_whole_page(house: House) -> None:
    await house.say("one", run="k1")
    cursor = (await house.call("chat.history", sessionKey="main"))["deltaCursor"]
    await house.call("sessions.reset", key="main")
    for stale in (cursor, "nonsense!", "e30"):
        page = await house.call("chat.history", sessionKey="main", cursor=stale)
        assert "kind" not in page
        assert page["totalMessages"] == 1


async def test_a_waiting_question_is_told_behind_the_cursor_once_it_runs(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with open_house(tmp_path, steps=[[TextDelta("a "), gate, *say("b")], say("second")]) as house:
        for name in ("k1", "k2"):
            await house.call("chat.send", sessionKey="main", message=name, idempotencyKey=name)
        await until(lambda: house.gateway.runs.live()[0].text)
        page = await house.call("chat.history", sessionKey="main")
        gate.set()
        await house.settled()
        delta = await house.call("chat.history", sessionKey="main", cursor=page["deltaCursor"])
    assert [row["message"]["role"] for row in delta["messages"]] == ["user", "assistant", "assistant"]


async def test_a_page_stays_within_its_bytes(house: House) -> None:
    for name in ("k1", "k2"):
        await house.say("x" * 1000, run=name)
    page = await house.call("chat.history", sessionKey="main", maxBytes=1300)
    assert len(page["messages"]) < 4
    assert (page["hasMore"], page["nextOffset"]) == (True, len(page["messages"]))


async def test_one_message_is_had_as_a_whole(house: House) -> None:
    await house.say("hi")
    first = (await house.call("chat.history", sessionKey="main"))["messages"][0]
    got = await house.call("chat.message.get", sessionKey="main", messageId=first["__openclaw"]["id"])
    assert got == {"ok": True, "message": first}
    missing = {"ok": False, "unavailableReason": "not_found"}
    assert await house.call("chat.message.get", sessionKey="main", messageId="nope") == missing
    assert await house.call("chat.message.get", sessionKey="other", messageId=first["__openclaw"]["id"]) == missing


async def test_a_composer_is_offered_models_and_commands(house: House) -> None:
    offered = await house.call("chat.metadata", sessionKey="main")
    assert {row["id"] for row in offered["models"]} == {"echo"}
    assert "status" in {row["name"] for row in offered["commands"]}
