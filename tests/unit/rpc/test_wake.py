"""Notes reach the next turn, once; `now` starts one."""

from pathlib import Path
from typing import cast

from tests.unit.agents.fakes import say
from tests.unit.rpc.house import House, ScriptedModels, open_house


def prompts(house: House) -> list[str]:
    """The system messages that the model was sent."""
    return [messages[0].text for messages in cast(ScriptedModels, house.gateway.models).script.seen]


async def test_a_note_is_read_by_the_next_turn_of_the_main_session_and_by_no_other(tmp_path: Path) -> None:
    async with open_house(tmp_path, {}, steps=[say("one"), say("two"), say("three")]) as house:
        assert await house.call("system-event", text="disk is\n nearly full") == {"ok": True}
        assert (await house.call("status"))["queuedSystemEvents"] == ["disk is nearly full"]
        await house.say("hi", key="other", run="r1")
        await house.say("hi", run="r2")
        await house.say("hi", run="r3")
        other, first, second = prompts(house)
        assert "disk is nearly full" in first
        assert "disk is nearly full" not in other + second
        assert (await house.call("status"))["queuedSystemEvents"] == []


async def test_to_wake_now_starts_a_turn(tmp_path: Path) -> None:
    async with open_house(tmp_path, {}, steps=[say("looked")]) as house:
        await house.call("wake", mode="now", text="look at the door")
        await house.settled()
        (prompt,) = prompts(house)
    assert "look at the door" in prompt


async def test_to_wake_later_starts_none(house: House) -> None:
    assert await house.call("wake", mode="next-heartbeat", text="hello") == {"ok": True}
    assert house.gateway.runs.live() == ()
    assert [note.text for note in house.gateway.runs.system_events.waiting("agent:main:main")] == ["hello"]


async def test_notes_need_a_text_and_waking_a_mode(house: House) -> None:
    assert "'text'" in (await house.refused("system-event", {}))["message"]
    assert "'mode'" in (await house.refused("wake", {"text": "x"}))["message"]


async def test_there_was_no_heartbeat(house: House) -> None:
    assert await house.call("last-heartbeat") is None


async def test_heartbeats_are_off_and_cannot_be_turned_on(house: House) -> None:
    assert await house.call("set-heartbeats", enabled=False) == {"ok": True, "enabled": False}
    assert "schedules nothing" in (await house.refused("set-heartbeats", {"enabled": True}))["message"]
    assert "'enabled'" in (await house.refused("set-heartbeats", {}))["message"]
