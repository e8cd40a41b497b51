"""Who watches sessions hears of them in order; who does not hears nothing of them."""

from pathlib import Path

from tests.unit.agents.fakes import say
from tests.unit.server.served import serve

KEY = "agent:main:main"


async def test_a_turn_as_a_watcher_sees_it(tmp_path: Path) -> None:
    async with serve(tmp_path, steps=[say("hello you")]) as served, served.connect() as client:
        await client.call("sessions.subscribe")
        await client.call("sessions.messages.subscribe", key=KEY)
        sent = await client.call("chat.send", sessionKey="main", message="hi", idempotencyKey="k1")
        last = await client.wait(
            lambda frame: frame.get("payload", {}).get("phase") == "end" and "session" in frame["payload"]
        )
        order = [_brief(frame) for frame in client.frames if frame.get("type") == "res" or _brief(frame)]
    assert sent == {"runId": "k1", "status": "started"}
    assert order[order.index("res") :] is not None
    told = [word for word in order if word != "res"]
    assert told == [
        "sessions.changed send",
        "session.message user",
        "chat status",
        "chat status",
        "sessions.changed agent.run.started",
        "sessions.changed start",
        "chat status",
        "sessions.changed model",
        "chat delta",
        "chat delta",
        "session.message assistant",
        "chat final",
        "sessions.changed agent.input.settled",
        "sessions.changed end",
    ]
    assert order.index("sessions.changed send") > max(n for n, word in enumerate(order) if word == "res")
    payload = last["payload"]
    assert (payload["sessionKey"], payload["status"], payload["activeRunIds"]) == (KEY, "done", [])
    assert payload["session"]["lastRunId"] == "k1"


def _brief(frame: dict[str, object]) -> str:
    if frame.get("type") == "res":
        return "res"
    name, payload = frame.get("event"), frame.get("payload")
    assert isinstance(payload, dict)
    match name:
        case "sessions.changed":
            return f"{name} {payload.get('reason') or payload.get('phase')}"
        case "session.message":
            return f"{name} {payload['message']['role']}"
        case "chat":
            return f"{name} {payload['state']}"
    return ""


async def test_who_did_not_ask_hears_nothing_of_sessions(tmp_path: Path) -> None:
    async with serve(tmp_path, steps=[say("hello")]) as served, served.connect() as client, served.connect() as other:
        await other.call("sessions.messages.subscribe", key="another")
        await client.ended(await client.send_chat("hi"))
        await client.call("sessions.create", key="x")
        assert client.of("sessions.changed", "session.message") == []
        assert other.of("sessions.changed", "session.message") == []


async def test_changes_by_people_are_told(tmp_path: Path) -> None:
    async with serve(tmp_path, steps=[]) as served, served.connect() as client:
        await client.call("sessions.subscribe")
        await client.call("sessions.create", key="x")
        await client.call("sessions.patch", key="x", label="X")
        await client.call("sessions.reset", key="x")
        await client.call("sessions.delete", key="x")
        await client.call("chat.send", sessionKey="main", message="/new", idempotencyKey="k1")
        await client.wait(lambda frame: frame.get("payload", {}).get("reason") == "agent.input.settled")
        reasons = [frame["payload"]["reason"] for frame in client.of("sessions.changed")]
    assert reasons == ["create", "patch", "reset", "delete", "reset", "send", "agent.input.settled"]
