"""Sessions are made, begun anew, deleted, stopped and shortened."""

import asyncio
from pathlib import Path

from clawfleet.models.providers.base import TextDelta
from tests.unit.agents.fakes import say
from tests.unit.rpc.house import House, open_house, until

MAIN = "agent:main:main"


async def test_a_session_is_made_with_what_was_chosen(house: House) -> None:
    made = await house.call("sessions.create", agentId="main", label="My test", model="demo/echo")
    assert made["key"].startswith("agent:main:dashboard:")
    assert (made["ok"], made["runStarted"], made["entry"]["label"]) == (True, False, "My test")
    assert (made["entry"]["parentSessionKey"], made["entry"]["createdVia"]) == (MAIN, "operator")
    assert made["resolved"]["model"] == "echo"


async def test_a_session_that_begins_with_a_message_is_made_once(house: House) -> None:
    asked = {"message": "first", "idempotencyKey": "k1"}
    made = await house.call("sessions.create", **asked)
    assert (made["runStarted"], made["status"], made["runId"], made["messageSeq"]) == (True, "started", "k1", 1)
    await house.settled()
    assert await house.call("sessions.create", **asked) == made
    assert (await house.call("sessions.list"))["count"] == 1


async def test_what_a_session_cannot_have_is_refused(house: House) -> None:
    error = await house.refused("sessions.create", {"worktree": True})
    assert error["details"]["code"] == "SETTING_UNSUPPORTED"
    writer = house.caller("operator.write")
    error = await house.refused("sessions.create", {"incognito": True}, caller=writer)
    assert error["details"]["missingScope"] == "operator.admin"
    assert (await house.call("sessions.list"))["count"] == 0


async def test_a_reset_stops_what_runs_and_begins_anew(tmp_path: Path) -> None:
    async with open_house(tmp_path, steps=[[TextDelta("half"), asyncio.Event()], say("fresh")]) as house:
        await house.call("chat.send", sessionKey="main", message="hi", idempotencyKey="k1")
        await until(lambda: house.gateway.runs.live()[0].text)
        before = (await house.call("chat.history", sessionKey="main"))["sessionId"]
        done = await house.call("sessions.reset", key="main", reason="new")
        page = await house.call("chat.history", sessionKey="main")
        assert done["entry"]["sessionId"] == page["sessionId"] != before
        assert [(row["role"], row["__openclaw"].get("kind")) for row in page["messages"]] == [("system", "reset")]
        assert house.gateway.runs.live() == ()
        await house.say("again", run="k2")
        script = house.gateway.models.script  # type: ignore[attr-defined]
        assert [message.text for message in script.seen[1][1:]] == ["again"]


async def test_a_deleted_session_is_gone_and_its_transcript_named(house: House) -> None:
    await house.say("hi", key="x")
    gone = await house.call("sessions.delete", key="x", deleteTranscript=True)
    assert (gone["ok"], gone["deleted"], len(gone["archived"])) == (True, True, 1)
    assert await house.call("sessions.delete", key="x") == {**gone, "deleted": False, "archived": []}
    error = await house.refused("sessions.delete", {"key": "main"})
    assert error["message"] == "Cannot delete the main session (agent:main:main)."


async def test_who_may_write_deletes_archived_sessions_only(house: House) -> None:
    writer = house.caller("operator.write")
    await house.call("sessions.create", key="x")
    error = await house.refused("sessions.delete", {"key": "x"}, caller=writer)
    assert error["details"]["missingScope"] == "operator.admin"
    (spared,) = await house.ask("sessions.delete", {"key": "x", "archivedOnly": True}, caller=writer)
    assert spared["payload"]["deleted"] is False
    await house.call("sessions.patch", key="x", archived=True)
    (gone,) = await house.ask("sessions.delete", {"key": "x", "archivedOnly": True}, caller=writer)
    assert gone["payload"]["deleted"] is True


async def test_an_abort_says_what_it_stopped(tmp_path: Path) -> None:
    async with open_house(tmp_path, steps=[[asyncio.Event()]]) as house:
        nothing = await house.call("sessions.abort", key="main")
        assert nothing == {"ok": True, "abortedRunId": None, "status": "no-active-run"}
        await house.call("chat.send", sessionKey="main", message="hi", idempotencyKey="k1")
        stopped = await house.call("sessions.abort", runId="k1")
        assert stopped == {"ok": True, "abortedRunId": "k1", "status": "aborted"}
        await house.settled()
        assert (await house.call("sessions.describe", key="main"))["session"]["status"] == "killed"
        assert (await house.refused("sessions.abort", {}))["code"] == "INVALID_REQUEST"


async def test_a_session_is_compacted_by_its_model(tmp_path: Path) -> None:
    async with open_house(tmp_path, steps=[say("one"), say("two"), say("in short")]) as house:
        await house.say("first", run="k1")
        await house.say("second", run="k2")
        done = await house.call("sessions.compact", key="main")
        assert (done["compacted"], done["result"]["summary"]) == (True, "in short")
        page = await house.call("chat.history", sessionKey="main")
        assert done["result"]["firstKeptEntryId"] == page["messages"][2]["__openclaw"]["id"]
        assert page["messages"][-1]["__openclaw"]["kind"] == "compaction"
        assert (await house.call("sessions.describe", key="main"))["session"]["compactionCount"] == 1
        assert (await house.refused("sessions.compact", {"key": "nobody"}))["message"].startswith("session not found")
