"""`chat.send`, `chat.history`, `chat.abort`: what is acknowledged is on disk, and is there once."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clawfleet.agents.lanes import MAX_WAITING
from clawfleet.core.messages import Image
from clawfleet.models.providers.base import TextDelta
from clawfleet.protocol.handshake import Client
from tests.unit.agents.fakes import call, say
from tests.unit.rpc.house import House, ScriptedModels, open_house, until

PIXEL = "iVBORw0KGgo="


async def texts(house: House, key: str = "main", **more: Any) -> list[str]:
    """What a session's history says, in order."""
    page = await house.call("chat.history", sessionKey=key, **more)
    return [
        row["content"] if isinstance(row["content"], str) else "".join(part.get("text", "") for part in row["content"])
        for row in page["messages"]
    ]


async def test_a_message_is_acknowledged_and_answered_under_its_own_key(tmp_path: Path) -> None:
    async with open_house(tmp_path, steps=[say("hello you")]) as house:
        sent = await house.call("chat.send", sessionKey="main", message="hi", idempotencyKey="k1")
        assert sent == {"runId": "k1", "status": "started"}
        await house.settled()
        page = await house.call("chat.history", sessionKey="main")
    user, assistant = page["messages"]
    assert (user["role"], user["content"], user["idempotencyKey"]) == ("user", "hi", "k1:user")
    assert (assistant["role"], assistant["content"]) == ("assistant", [{"type": "text", "text": "hello you"}])
    assert assistant["__openclaw"]["runId"] == "k1"
    assert [row["__openclaw"]["seq"] for row in page["messages"]] == [1, 2]
    assert page["sessionKey"] == "agent:main:main"
    assert (page["totalMessages"], page["hasMore"], page["pendingInputs"]) == (2, False, {"items": [], "total": 0})
    assert page["sessionInfo"]["sessionId"] == page["sessionId"]


async def test_the_same_key_runs_once_and_is_over_afterwards(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with open_house(tmp_path, steps=[[gate, *say("once")]]) as house:
        send = {"sessionKey": "main", "message": "hi", "idempotencyKey": "k1"}
        statuses = [await house.call("chat.send", **send), await house.call("chat.send", **send)]
        gate.set()
        await house.settled()
        statuses.append(await house.call("chat.send", **send))
        assert [row["status"] for row in statuses] == ["started", "started", "ok"]
        assert await texts(house) == ["hi", "once"]


async def test_the_same_key_in_another_session_is_refused(house: House) -> None:
    await house.say("hi", run="k1")
    error = await house.refused("chat.send", {"sessionKey": "other", "message": "hi", "idempotencyKey": "k1"})
    assert (error["code"], error["details"]["code"]) == ("INVALID_REQUEST", "IDEMPOTENCY_KEY_REUSED")


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"sessionKey": "main", "message": "x"}, "must have required property 'idempotencyKey'"),
        ({"message": "x", "idempotencyKey": "k"}, "must have required property 'sessionKey'"),
        ({"sessionKey": "main", "message": "  ", "idempotencyKey": "k"}, "message or attachment required"),
        ({"sessionKey": "main", "message": 1, "idempotencyKey": "k"}, "at /message: must be string"),
        ({"sessionKey": "main", "message": "x", "idempotencyKey": ""},
         "at /idempotencyKey: must NOT have fewer than 1 characters"),
        ({"sessionKey": "main", "message": "x", "idempotencyKey": "k", "timeoutMs": -1}, "at /timeoutMs: must be >= 0"),
        (["main", "x"], "at root: must be object"),
        ("main", "at root: must be object"),
    ],
)  # fmt: skip
async def test_what_is_wrong_with_a_message_is_named_in_the_words_of_the_protocol(
    house: House, params: Any, message: str
) -> None:
    error = await house.refused("chat.send", params)
    assert (error["code"], error["message"]) == ("INVALID_REQUEST", f"invalid chat.send params: {message}")
    assert await texts(house) == []


async def test_a_picture_goes_with_the_message_and_comes_back_in_history(tmp_path: Path) -> None:
    vision = {"baseUrl": "http://127.0.0.1:9/v1", "apiKey": "k", "models": [{"id": "eye", "input": ["text", "image"]}]}
    async with open_house(tmp_path, {"models": {"providers": {"fake": vision}}}, steps=[say("a dot")]) as house:
        picture = {"type": "image", "mimeType": "image/png", "fileName": "dot.png", "content": PIXEL}
        await house.call("chat.send", sessionKey="main", message="look", idempotencyKey="k", attachments=[picture])
        await house.settled()
        models = house.gateway.models
        assert isinstance(models, ScriptedModels)
        assert models.script.seen[0][-1].images == (Image("image/png", PIXEL),)
        (user, _) = (await house.call("chat.history", sessionKey="main"))["messages"]
    assert user["content"][1] == {"type": "image", "mimeType": "image/png", "data": PIXEL}


@pytest.mark.parametrize(
    "attachment",
    [{"fileName": "x.pdf", "mimeType": "application/pdf", "content": PIXEL},
     {"fileName": "x.png", "mimeType": "image/png", "content": "not base64!"},
     {"fileName": "x.png", "mimeType": "image/png"}],
)  # fmt: skip
async def test_an_attachment_that_is_no_picture_is_refused_by_its_name(
    house: House, attachment: dict[str, str]
) -> None:
    params = {"sessionKey": "main", "message": "look", "idempotencyKey": "k", "attachments": [attachment]}
    assert attachment["fileName"] in (await house.refused("chat.send", params))["message"]
    assert await texts(house) == []


async def test_a_tool_call_and_its_result_stand_in_history_as_the_protocol_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = [call("exec", '{"command": "echo from-the-tool"}', before="Let me see."), say("done")]
    async with open_house(tmp_path, steps=steps) as house:
        await house.say("do it")
        page = await house.call("chat.history", sessionKey="main")
    _, called, result, answer = page["messages"]
    assert called["content"][0] == {"type": "text", "text": "Let me see."}
    assert called["content"][1] == {
        "type": "toolCall",
        "id": "c1",
        "name": "exec",
        "arguments": {"command": "echo from-the-tool"},
    }
    assert (result["role"], result["toolCallId"], result["toolName"], result["isError"]) == (
        "toolResult",
        "c1",
        "exec",
        False,
    )
    assert "from-the-tool" in result["content"][0]["text"]
    assert answer["content"][0]["text"] == "done"


async def test_history_comes_in_pages_newest_last(house: House) -> None:
    for number in range(3):
        await house.say(f"m{number}", run=f"k{number}")
    newest = await house.call("chat.history", sessionKey="main", limit=2)
    assert newest["messages"][0]["content"] == "m2"
    assert (newest["hasMore"], newest["nextOffset"], newest["totalMessages"]) == (True, 2, 6)
    older = await house.call("chat.history", sessionKey="main", limit=100, offset=newest["nextOffset"])
    assert [row["content"] for row in older["messages"] if row["role"] == "user"] == ["m0", "m1"]
    assert "nextOffset" not in older


async def test_long_texts_are_cut_on_request(house: House) -> None:
    await house.say("x" * 100)
    assert (await texts(house, maxChars=10))[0] == "x" * 10 + "…"


async def test_the_history_of_nothing_is_empty(house: House) -> None:
    page = await house.call("chat.history", sessionKey="never-used")
    assert (page["messages"], page["totalMessages"], page["sessionKey"]) == ([], 0, "agent:main:never-used")
    assert "sessionInfo" not in page


async def test_history_tells_a_late_client_what_is_being_said_and_who_waits(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with open_house(tmp_path, steps=[[TextDelta("half "), gate, *say("whole")], say("second")]) as house:
        await house.call("chat.send", sessionKey="main", message="one", idempotencyKey="k1")
        await house.call("chat.send", sessionKey="main", message="two", idempotencyKey="k2")
        await until(lambda: house.gateway.runs.live()[0].text)
        page = await house.call("chat.history", sessionKey="main")
        gate.set()
        await house.settled()
    assert (page["inFlightRun"]["runId"], page["inFlightRun"]["text"]) == ("k1", "half ")
    assert page["inFlightRun"]["startedAt"] > 0
    (waiting,) = page["pendingInputs"]["items"]
    assert (waiting["runId"], waiting["state"], waiting["message"]["content"]) == ("k2", "queued", "two")
    assert [row["content"] for row in page["messages"]] == ["one"]
    assert page["sessionInfo"]["activeRunIds"] == ["k1", "k2"]


@pytest.mark.parametrize(("method", "more"), [("chat.abort", {}), ("chat.send", {"message": "/stop"})])
async def test_history_tells_a_finished_answer_from_a_stopped_one(
    tmp_path: Path, method: str, more: dict[str, str]
) -> None:
    async with open_house(tmp_path, steps=[say("whole"), [TextDelta("half "), asyncio.Event()]]) as house:
        await house.say("one", run="k1")
        await house.call("chat.send", sessionKey="main", message="two", idempotencyKey="k2")
        await until(lambda: house.gateway.runs.live()[0].text)
        key = {"idempotencyKey": "k3"} if more else {}
        assert (await house.call(method, sessionKey="main", **more, **key))["aborted"] is True
        await house.settled()
        page = await house.call("chat.history", sessionKey="main")
    assert [row["stopReason"] for row in page["messages"] if row["role"] == "assistant"] == ["stop", "aborted"]


async def test_an_abort_stops_one_run_or_all_and_is_no_error_without_any(tmp_path: Path) -> None:
    async with open_house(tmp_path, steps=[[asyncio.Event()], [asyncio.Event()], [asyncio.Event()]]) as house:
        nothing = await house.call("chat.abort", sessionKey="main")
        assert nothing == {"ok": True, "aborted": False, "runIds": []}
        for name in ("k1", "k2", "k3"):
            await house.call("chat.send", sessionKey="main", message=name, idempotencyKey=name)
        assert await house.call("chat.abort", sessionKey="main", runId="k2") == {
            "ok": True,
            "aborted": True,
            "runIds": ["k2"],
        }
        rest = await house.call("chat.abort", sessionKey="agent:main:main")
        assert sorted(rest["runIds"]) == ["k1", "k3"]
        await house.settled()
        assert (await house.call("chat.abort", sessionKey="main", runId="k1"))["aborted"] is False


async def test_a_session_that_is_full_says_so_before_it_takes_the_message(tmp_path: Path) -> None:
    async with open_house(tmp_path, steps=[[asyncio.Event()]]) as house:
        for number in range(MAX_WAITING + 1):
            await house.call("chat.send", sessionKey="main", message="x", idempotencyKey=f"k{number}")
        error = await house.refused("chat.send", {"sessionKey": "main", "message": "x", "idempotencyKey": "over"})
        assert (error["code"], error["details"]["code"], error["retryable"]) == ("UNAVAILABLE", "LANE_FULL", True)
        assert (await house.call("chat.history", sessionKey="main"))["totalMessages"] == MAX_WAITING + 1


async def test_an_unknown_agent_in_a_key_is_refused(house: House) -> None:
    for method in ("chat.send", "chat.history", "chat.abort"):
        params = {"sessionKey": "agent:nope:main", "message": "x", "idempotencyKey": "k"}
        assert (await house.refused(method, params))["details"]["code"] == "UNKNOWN_AGENT"


async def test_who_may_only_read_cannot_write(house: House) -> None:
    reader = house.caller("operator.read")
    for method in ("chat.send", "chat.abort"):
        assert (await house.refused(method, {}, caller=reader))["details"]["missingScope"] == "operator.write"
    (frame,) = await house.ask("chat.history", {"sessionKey": "main"}, caller=reader)
    assert frame["ok"]


async def test_a_tool_call_with_half_a_character_in_its_arguments_can_be_told(tmp_path: Path) -> None:
    steps = [call("nothing", r'{"text": "cut \ud83d"}'), say("done")]
    async with open_house(tmp_path, steps=steps) as house:
        await house.say("do it")
        called = (await house.call("chat.history", sessionKey="main"))["messages"][1]
    assert called["content"][0]["arguments"] == {"text": "cut \ufffd"}


async def test_a_command_is_answered_without_the_model(tmp_path: Path) -> None:
    async with open_house(tmp_path, steps=[]) as house:
        await house.say("/help")
        page = await house.call("chat.history", sessionKey="main")
    assert page["messages"][0]["content"] == "/help"
    assert page["messages"][1]["content"][0]["text"].startswith("ℹ️ Help")
    assert (page["messages"][1]["provider"], page["messages"][1]["model"]) == ("openclaw", "gateway-injected")


async def test_stop_as_a_message_stops_and_leaves_no_message(tmp_path: Path) -> None:
    async with open_house(tmp_path, steps=[[asyncio.Event()]]) as house:
        await house.call("chat.send", sessionKey="main", message="hi", idempotencyKey="k1")
        stopped = await house.call("chat.send", sessionKey="main", message="/stop", idempotencyKey="k2")
        assert stopped == {"ok": True, "aborted": True, "runIds": ["k1"]}
        await house.settled()
        assert (await house.call("chat.history", sessionKey="main"))["totalMessages"] == 1


async def test_a_message_for_a_session_that_began_anew_meanwhile_is_refused(house: House) -> None:
    await house.say("hi")
    send = {"sessionKey": "main", "message": "x", "idempotencyKey": "k9", "sessionId": "old"}
    assert (await house.refused("chat.send", send))["details"]["code"] == "SESSION_CHANGED"


async def test_a_level_of_thinking_is_checked_before_the_message_is_taken(house: House) -> None:
    send = {"sessionKey": "main", "message": "x", "idempotencyKey": "k9", "thinking": "high"}
    error = await house.refused("chat.send", send)
    assert error["message"] == 'thinkingLevel "high" is not supported for demo/echo (use off)'
    assert await texts(house) == []


async def test_a_message_to_a_session_by_its_key(house: House) -> None:
    error = await house.refused("sessions.send", {"key": "x", "message": "hi"})
    assert error["message"] == "session not found: agent:main:x"
    await house.call("sessions.create", key="x")
    assert (await house.call("sessions.send", key="x", message="hi", idempotencyKey="k"))["status"] == "started"
    await house.settled()
    assert (await house.call("chat.history", sessionKey="x"))["totalMessages"] == 2


async def test_a_note_is_put_into_a_transcript(house: House) -> None:
    noted = await house.call("chat.inject", sessionKey="main", message="injected note", label="note")
    (row,) = (await house.call("chat.history", sessionKey="main"))["messages"]
    assert row["__openclaw"]["id"] == noted["messageId"]
    assert (row["role"], row["content"][0]["text"]) == ("assistant", "[note]\n\ninjected note")
    writer = house.caller("operator.write")
    error = await house.refused("chat.inject", {"sessionKey": "main", "message": "x"}, caller=writer)
    assert error["details"]["missingScope"] == "operator.admin"


async def test_a_page_learns_where_its_message_stands(house: House) -> None:
    caller = replace(house.caller(), client=Client(id="webchat", version="1", platform="x", mode="webchat"))
    send = {"sessionKey": "main", "message": "x", "idempotencyKey": "k1"}
    (frame,) = await house.ask("chat.send", send, caller=caller)
    assert frame["payload"]["messageSeq"] == 1
    assert frame["payload"]["serverTiming"]["receivedToAckMs"] >= 0
