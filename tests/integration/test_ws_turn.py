"""Whole turns over a WebSocket of a real gateway: what is told, to whom, in which order, and what is kept."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

from tests.integration.conftest import Station
from tests.support.protocol_client import ProtocolClient


def stages(client: ProtocolClient, run: str) -> list[str]:
    """The frames of a run in short, repetitions folded: `chat status starting_model`, `agent tool start` …"""
    told: list[str] = []
    for frame in client.of("chat", "agent"):
        payload: dict[str, Any] = frame["payload"]
        if payload["runId"] != run:
            continue
        data = payload.get("data", payload)
        kind = payload.get("state") or payload["stream"]
        line = " ".join(part for part in (frame["event"], kind, data.get("phase", "")) if part)
        if line not in told[-2:]:
            told.append(line)
    return told


async def test_a_plain_turn_is_told_in_the_protocols_order(station: Station) -> None:
    async with station.connect(caps=["tool-events"]) as client:
        run = await client.send_chat("hello there", key="plain")
        end = await client.ended(run)
        assert stages(client, run) == [
            "chat status preparing_workspace",
            "agent run_status preparing_workspace",
            "chat status preparing_context",
            "agent run_status preparing_context",
            "agent lifecycle start",
            "chat status starting_model",
            "agent run_status starting_model",
            "agent lifecycle model",
            "agent assistant",
            "chat delta",
            "agent usage",
            "agent lifecycle finishing",
            "agent lifecycle end",
            "chat final",
        ]
        chat, agent = client.of_run(run, "chat"), client.of_run(run, "agent")
        page = await client.call("chat.history", sessionKey="plain")
    deltas = [payload for payload in chat if payload["state"] == "delta"]
    text = end["message"]["content"][0]["text"]
    assert text.endswith("You said: hello there")
    assert "".join(payload["deltaText"] for payload in deltas) == text
    said = ""
    for payload in deltas:
        said += payload["deltaText"]
        assert payload["message"]["content"][0]["text"] == said
    assert [payload["seq"] for payload in agent] == list(range(1, len(agent) + 1))
    assert end["seq"] == agent[-1]["seq"]
    assert {payload["sessionKey"] for payload in (*chat, *agent)} == {"agent:main:plain"}
    assert [row["role"] for row in page["messages"]] == ["user", "assistant"]
    assert page["messages"][1]["content"][0]["text"] == text


async def test_a_turn_with_a_tool_tells_every_step_of_it(station: Station) -> None:
    async with station.connect(caps=["tool-events"]) as client:
        run = await client.send_chat("call exec: echo from-the-tool", key="tool")
        await client.ended(run)
        told = stages(client, run)
        agent = client.of_run(run, "agent")
        page = await client.call("chat.history", sessionKey="tool")
    expected = [
        "agent item start",
        "agent tool start",
        "agent tool result",
        "agent item end",
        "agent command_output end",
        "agent lifecycle model",
        "agent assistant",
        "chat final",
    ]
    assert [line for line in told if line in expected[:5]] == expected[:5]
    assert told.index("agent command_output end") < told.index("agent assistant") < told.index("chat final")
    by_stream = {(payload["stream"], payload["data"].get("phase")): payload["data"] for payload in agent}
    call_id = by_stream["tool", "start"]["toolCallId"]
    assert by_stream["tool", "start"]["args"] == {"command": "echo from-the-tool"}
    assert by_stream["item", "start"]["itemId"] == f"tool:{call_id}"
    assert "from-the-tool" in by_stream["tool", "result"]["result"]["content"][0]["text"]
    assert by_stream["command_output", "end"]["exitCode"] == 0
    assert [payload["seq"] for payload in agent] == list(range(1, len(agent) + 1))
    roles = [row["role"] for row in page["messages"]]
    assert roles == ["user", "assistant", "toolResult", "assistant"]
    assert page["messages"][1]["content"][-1]["type"] == "toolCall"
    assert "from-the-tool" in page["messages"][3]["content"][0]["text"]


async def test_two_sockets_see_the_same_turn_and_only_one_asked_for_tools(station: Station) -> None:
    async with (
        station.connect(caps=["tool-events"]) as rich,
        station.connect(scopes=["operator.read"]) as plain,
        station.connect(scopes=[]) as stranger,
    ):
        run = await rich.send_chat("call exec: echo hi", key="two")
        await rich.ended(run)
        await plain.ended(run)
        for client in (rich, plain):
            assert [frame["seq"] for frame in client.events] == list(range(1, len(client.events) + 1))
        assert rich.of_run(run, "chat") == plain.of_run(run, "chat")
        seen, told = rich.of_run(run, "agent"), plain.of_run(run, "agent")
        assert told == [payload for payload in seen if payload["stream"] != "tool"]
        assert len(told) < len(seen)
        assert {"item", "command_output"} <= {payload["stream"] for payload in told}
        assert (await stranger.call("health"))["ok"]
        assert stranger.events == []


async def test_an_abort_in_mid_stream_keeps_what_was_said(station: Station) -> None:
    async with station.connect() as client:
        words = " ".join(f"word{number}" for number in range(60))
        run = await client.send_chat(words, key="agent:slow:abort")
        await client.wait(lambda f: f.get("event") == "chat" and "word1 " in str(f["payload"].get("message")))
        assert await client.call("chat.abort", sessionKey="agent:slow:abort", runId=run) == {
            "ok": True,
            "aborted": True,
            "runIds": [run],
        }
        end = await client.ended(run)
        page = await client.call("chat.history", sessionKey="agent:slow:abort")
        again = await client.call("chat.abort", sessionKey="agent:slow:abort", runId=run)
    assert (end["state"], end["stopReason"]) == ("aborted", "rpc")
    partial = end["message"]["content"][0]["text"]
    assert "word1 " in partial
    assert "word59" not in partial
    assert page["messages"][-1]["content"][0]["text"] == partial
    assert again == {"ok": True, "aborted": False, "runIds": []}
    asked = len(station.fake.requests())
    requests = await asyncio.to_thread(station.fake.requests, at_least=asked, ended=True)
    (request,) = [row for row in requests if words in str(row["body"]["messages"])]
    assert request["outcome"] == "client left"


async def test_the_same_key_asks_the_provider_once_from_however_many_sockets(station: Station) -> None:
    run, text = str(uuid.uuid4()), f"only once {uuid.uuid4()}"
    send = {"sessionKey": "agent:fake-1:once", "message": text, "idempotencyKey": run}
    async with station.connect() as one, station.connect() as two:
        answers = await asyncio.gather(*(client.call("chat.send", **send) for client in (one, two, one, two)))
        assert {(row["runId"], row["status"]) for row in answers} == {(run, "started")}
        await two.ended(run)
        assert await one.call("chat.send", **send) == {"runId": run, "status": "ok"}
        page = await one.call("chat.history", sessionKey="agent:fake-1:once")
    assert len([row for row in station.fake.requests() if text in str(row["body"]["messages"])]) == 1
    assert [row["role"] for row in page["messages"]] == ["user", "assistant"]


async def test_messages_to_one_session_are_answered_in_order_and_two_sessions_at_once(station: Station) -> None:
    async with station.connect() as client:
        asked = len(station.fake.requests())
        station.fake.script({"waits": True})
        first = await client.send_chat("one two", key="agent:fake-1:a")
        await asyncio.to_thread(station.fake.requests, at_least=asked + 1)
        second = await client.send_chat("two", key="agent:fake-1:a")
        other = await client.send_chat("three", key="agent:fast:b")
        await client.ended(other)
        await asyncio.to_thread(station.fake.go_on)
        for run in (first, second):
            await client.ended(run)
        ends = [frame["payload"]["runId"] for frame in client.of("chat") if frame["payload"]["state"] == "final"]
        page = await client.call("chat.history", sessionKey="agent:fake-1:a")
    assert ends == [other, first, second]
    assert len(page["messages"]) == 4


async def test_a_question_to_an_agent_is_answered_twice(station: Station) -> None:
    async with station.connect() as client:
        ask = {"message": "hi", "idempotencyKey": str(uuid.uuid4()), "agentId": "fast", "deliver": False}
        first = await client.request("agent", ask)
        assert first["payload"]["status"] == "accepted"
        second = await client.wait(lambda f: f.get("id") == first["id"] and f["payload"]["status"] == "ok")
    assert second["payload"]["result"]["payloads"][0]["text"] == "A fast answer."


async def test_every_method_of_hello_can_be_called_and_answers_at_once(station: Station) -> None:
    async with station.connect() as client:
        (hello,) = [f["payload"] for f in client.frames if f.get("type") == "res"]
        for method in sorted(hello["features"]["methods"], key=lambda name: name == "gateway.restart.request"):
            frame = await client.request(method, {})
            refused = frame.get("error", {}).get("message", "")
            assert frame["ok"] or "unknown method" not in refused, (method, frame)
            assert frame["ok"] or "inside the gateway" not in refused, (method, frame)
        assert set(hello["features"]["events"]) >= {"chat", "agent", "tick", "presence", "health", "shutdown"}
