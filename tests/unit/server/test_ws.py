"""One WebSocket: the handshake, requests and events, and every bound it has."""

import asyncio
import gc
import json
import logging
import weakref
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi import WebSocket
from websockets.exceptions import ConnectionClosed, InvalidStatus

from clawfleet.core.messages import Usage
from clawfleet.models.providers.base import Finished, TextDelta
from clawfleet.protocol import limits
from clawfleet.rpc.call import Gateway
from clawfleet.rpc.clients import Caller
from clawfleet.server import ws
from clawfleet.server.hello import hello_ok
from clawfleet.server.ws import Outbox
from tests.support.device import DeviceKey
from tests.support.protocol_client import connected
from tests.unit.agents.fakes import Step, say
from tests.unit.rpc.house import TOKEN, until
from tests.unit.server.served import Served, serve

PAGE = {"id": "openclaw-control-ui", "version": "1", "platform": "Linux", "mode": "webchat"}


class Pipe:
    """The sending half of a socket; it blocks while `gate` is closed."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.closed: tuple[int, str] | None = None
        self.gate = asyncio.Event()
        self.error: Exception | None = None

    async def send_text(self, frame: str) -> None:
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        self.sent.append(frame)

    async def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)

    @property
    def socket(self) -> WebSocket:
        return cast(WebSocket, self)


async def test_frames_go_out_in_order_and_a_close_waits_for_them() -> None:
    outbox, pipe = Outbox(), Pipe()
    pumping = asyncio.ensure_future(outbox.pump(pipe.socket))
    outbox.put("one")
    outbox.put("two")
    outbox.close(1012, "service restart")
    outbox.put("too late")
    outbox.close(1008, "another reason")
    pipe.gate.set()
    await asyncio.wait_for(pumping, 30)
    assert (pipe.sent, pipe.closed) == (["one", "two"], (1012, "service restart"))


async def test_a_client_that_reads_too_slowly_is_closed_and_its_memory_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_BUFFERED", 100)
    outbox, pipe = Outbox(), Pipe()
    pumping = asyncio.ensure_future(outbox.pump(pipe.socket))
    await asyncio.sleep(0)
    for _ in range(10):
        outbox.put("x" * 10)
    outbox.put("droppable", droppable=True)
    assert outbox.closing is None
    outbox.put("one too many")
    assert outbox.closing == (1008, "slow consumer")
    pipe.gate.set()
    await asyncio.wait_for(pumping, 30)
    assert pipe.sent in ([], ["x" * 10])
    assert pipe.closed == (1008, "slow consumer")


async def test_what_was_sent_is_forgotten_while_the_client_stays_and_when_it_goes() -> None:
    """Not when garbage is collected next: a thousand clients that had a large answer would keep it until then."""

    class Frame(str):
        """One that can be watched; a plain text cannot."""

    outbox, pipe = Outbox(), Pipe()
    pipe.gate.set()
    pumping = asyncio.ensure_future(outbox.pump(pipe.socket))
    frame = Frame("x")
    watched = weakref.ref(frame)
    outbox.put(frame)
    del frame
    await until(lambda: pipe.sent == ["x"])
    gc.disable()
    try:
        pipe.sent.clear()
        assert watched() is None
        pumping.cancel()
        await asyncio.wait({pumping})
        assert watched() is None
    finally:
        gc.enable()


async def test_the_bound_counts_bytes_not_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_BUFFERED", 100)
    outbox = Outbox()
    outbox.put("世" * 30)
    outbox.put("界" * 10)
    assert outbox.closing == (1008, "slow consumer")


async def test_a_frame_that_cannot_be_sent_closes_the_socket_instead_of_leaving_it_mute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    outbox, pipe = Outbox(), Pipe()
    pipe.error = ValueError("no such frame")
    pipe.gate.set()
    outbox.put("x")
    with caplog.at_level(logging.CRITICAL):
        await asyncio.wait_for(outbox.pump(pipe.socket), 30)
    assert pipe.closed is not None
    assert pipe.closed[0] == 1011


async def test_a_page_of_any_build_comes_in(served: Served) -> None:
    async with served.open(origin=served.url) as page:
        hello = await page.connect(TOKEN, client={**PAGE, "buildId": "another"}, key=DeviceKey())
    assert hello["ok"]
    assert "buildId" not in hello["payload"]["server"]


async def test_the_challenge_comes_first_and_without_a_number(served: Served) -> None:
    async with served.open() as client:
        (challenge,) = client.frames
    assert challenge["event"] == "connect.challenge"
    assert set(challenge["payload"]) == {"nonce", "ts", "capabilities", "instanceId"}
    assert "seq" not in challenge


async def test_who_shows_the_token_is_let_in_and_asks(served: Served) -> None:
    async with served.connect() as client:
        health = await client.call("health")
        assert health["ok"] is True
        assert (await client.request("nope"))["error"]["message"] == "unknown method: nope"


@pytest.mark.parametrize("path", ["/", "/ws", "/openclaw", "/any/other/path"])
async def test_every_path_takes_a_socket(served: Served, path: str) -> None:
    async with connected(f"{served.ws_url}{path}", TOKEN) as client:
        assert (await client.call("health"))["ok"] is True


async def test_a_refusal_is_answered_before_it_closes(served: Served) -> None:
    async with served.open() as client:
        refused = await client.connect("wrong")
        code, reason = await client.closed()
    assert refused["error"]["details"]["code"] == "AUTH_TOKEN_MISMATCH"
    assert (code, reason) == (1008, refused["error"]["message"][:120])


@pytest.mark.parametrize(
    ("data", "code", "reason"),
    [
        ("not json", 1000, ""),
        ("[]", 1008, "invalid request frame"),
        (json.dumps({"type": "event", "event": "x"}), 1008, "invalid request frame"),
        (b"\x00\x01", 1000, ""),
    ],
)
async def test_a_first_frame_that_is_no_request_is_only_closed(
    served: Served, data: str | bytes, code: int, reason: str
) -> None:
    async with served.open() as client:
        await client.send(data)
        assert await client.closed() == (code, reason)
        assert len(client.frames) == 1


async def test_a_first_frame_over_64_kib_is_closed_as_too_big(served: Served) -> None:
    async with served.open() as client:
        await client.send("x" * (limits.MAX_FRAME_BEFORE_CONNECT + 1))
        assert (await client.closed())[0] == 1009


async def test_who_says_nothing_is_closed_after_the_handshakes_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "HANDSHAKE_S", 0.05)
    async with serve(tmp_path) as served, served.open() as client:
        assert await client.closed() == (1000, "")


async def test_the_environment_may_change_the_handshakes_time(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / ".env").write_text("OPENCLAW_HANDSHAKE_TIMEOUT_MS=50\n")
    async with serve(tmp_path) as served, served.open() as client:
        assert await client.closed() == (1000, "")


async def test_the_environment_may_change_how_many_have_not_shown_who_they_are(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / ".env").write_text("OPENCLAW_MAX_PREAUTH_CONNECTIONS_PER_IP=1\n")
    async with serve(tmp_path) as served, served.open():
        with pytest.raises(InvalidStatus):
            async with served.open():
                pass


async def test_sockets_that_do_not_show_who_they_are_are_counted(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served.door, "_most_waiting", 2)
    async with served.open() as first, served.open():
        with pytest.raises(InvalidStatus) as caught:
            async with served.open():
                pass
        assert caught.value.response.status_code == 503
        assert b"too many unauthenticated sockets" in (caught.value.response.body or b"")
        assert (await first.connect(TOKEN))["ok"]
        async with served.open():
            pass


async def test_a_crowd_that_comes_at_once_is_counted_too(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served.door, "_most_waiting", 5)
    stay = asyncio.Event()

    async def come() -> bool:
        try:
            async with served.open():
                await stay.wait()
        except InvalidStatus:
            return False
        return True

    crowd = [asyncio.ensure_future(come()) for _ in range(20)]
    await until(lambda: sum(task.done() for task in crowd) == 15)
    stay.set()
    assert sum(await asyncio.gather(*crowd)) == 5


async def test_a_forwarded_upgrade_is_refused_whatever_it_shows(served: Served) -> None:
    for name in ("Forwarded", "X-Forwarded-For", "X-Real-IP", "X-Forwarded-Proto"):
        with pytest.raises(InvalidStatus) as caught:
            async with served.open(headers={name: "10.0.0.1", "Authorization": f"Bearer {TOKEN}"}):
                pass
        assert caught.value.response.status_code == 403
        body = json.loads(caught.value.response.body or b"{}")
        assert body["error"]["type"] == "proxy_attribution_required"


async def test_events_are_numbered_from_one_for_each_socket(served: Served) -> None:
    async with served.connect() as first:
        await first.ended(await first.send_chat("hi"))
        async with served.connect() as second:
            run = await second.send_chat("again")
            await first.ended(run)
            await second.ended(run)
            for client in (first, second):
                assert [frame["seq"] for frame in client.events] == list(range(1, len(client.events) + 1))
            assert len(first.events) > len(second.events)


async def test_a_dropped_event_leaves_a_hole_in_the_numbers(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client sees by it that it must look again."""
    async with served.connect() as client:
        monkeypatch.setattr(limits, "MAX_BUFFERED", 0)
        served.broadcast.tell("tick", {"ts": 1}, droppable=True)
        monkeypatch.undo()
        served.broadcast.tell("tick", {"ts": 2})
        await client.wait(lambda frame: frame.get("event") == "tick")
        assert [(frame["payload"]["ts"], frame["seq"]) for frame in client.of("tick")] == [(2, 2)]


async def test_frames_that_make_no_sense_are_ignored_or_answered_and_harm_nothing(served: Served) -> None:
    async with served.connect() as client:
        await client.send("not json at all")
        await client.send(b'{"type":"req","id":"bin","method":"health"}')
        assert (await client.wait(lambda frame: frame.get("id") == "bin"))["ok"]
        await client.send({"type": "req", "method": "health"})
        nameless = await client.wait(lambda frame: frame.get("id") == "invalid")
        assert nameless["error"]["message"] == "invalid request frame: must have required property 'id'"
        await client.send({"type": "req", "id": "x", "method": "health", "surplus": 1})
        assert "unexpected property 'surplus'" in (await client.wait(lambda f: f.get("id") == "x"))["error"]["message"]
        again = await client.connect(TOKEN)
        assert again["error"]["message"] == "connect is only valid as the first request"
        assert (await client.request("health", None))["ok"]


async def test_who_goes_on_asking_what_is_for_nodes_is_hung_up_on(served: Served) -> None:
    """Eleven in a row; anything allowed in between is a new beginning."""
    async with served.connect() as client:
        for _ in range(2):
            for _ in range(10):
                answer = await client.request("node.event", {"event": "x"})
                assert answer["error"]["message"] == "unauthorized role: operator"
            assert (await client.call("health"))["ok"]
        for number in range(11):
            await client.send({"type": "req", "id": str(number), "method": "node.event", "params": {"event": "x"}})
        assert await client.closed() == (1008, "repeated unauthorized calls")


async def test_requests_are_answered_as_they_get_done_not_in_their_order(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with serve(tmp_path, steps=[[gate, *say("late")]]) as served, served.connect() as client:
        await client.send(
            {"type": "req", "id": "slow", "method": "agent", "params": {"message": "x", "idempotencyKey": "k"}}
        )
        await client.wait(lambda frame: frame.get("id") == "slow")
        assert (await client.request("health"))["ok"]
        gate.set()
        done = await client.wait(lambda f: f.get("id") == "slow" and f["payload"]["status"] == "ok")
    assert done["payload"]["result"]["payloads"][0]["text"] == "late"


async def test_too_many_requests_at_once_are_told_to_come_again(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_REQUESTS_UNDER_WAY", 3)
    async with served.connect() as client:
        for number in range(20):
            await client.send({"type": "req", "id": f"h{number}", "method": "health"})
        for number in range(20):
            await client.wait(lambda frame, name=f"h{number}": frame.get("id") == name)  # type: ignore[misc]
        answers = [frame for frame in client.frames if str(frame.get("id")).startswith("h")]
        busy = [frame["error"] for frame in answers if not frame["ok"]]
        assert (await client.request("health"))["ok"]
    assert len(answers) == 20
    assert busy
    assert busy[0] == {
        "code": "UNAVAILABLE",
        "message": "The server is busy. Please try again in a moment.",
        "retryable": True,
    }


async def test_a_client_that_is_gone_leaves_nothing_behind(tmp_path: Path) -> None:
    async with serve(tmp_path, steps=[[asyncio.Event()]]) as served:
        async with served.connect(client={**PAGE, "id": "webchat-ui"}, key=DeviceKey()) as client:
            await client.send(
                {"type": "req", "id": "1", "method": "agent", "params": {"message": "x", "idempotencyKey": "k"}}
            )
            await client.wait(lambda frame: frame.get("id") == "1")
            assert len(served.house.gateway.presence.rows()) == 2
            client.socket.transport.abort()
            await until(lambda: len(served.broadcast) == 0)
        assert len(served.house.gateway.presence.rows()) == 1
        (run,) = served.house.gateway.runs.live()
        assert not run.done.done()  # a conversation goes on without its audience
        served.house.gateway.runs.abort(session_key=run.session_key)
        await run.outcome()


async def test_a_page_shows_in_presence_and_a_command_line_does_not(served: Served) -> None:
    async with served.connect() as cli:
        async with served.open(origin=served.url) as page:
            hello = await page.connect(TOKEN, client=PAGE, key=DeviceKey())
            assert [row["mode"] for row in hello["payload"]["snapshot"]["presence"]] == ["gateway"]
            came = await cli.wait(lambda frame: frame.get("event") == "presence")
            assert [row["mode"] for row in came["payload"]["presence"]] == ["gateway", "webchat"]
            assert came["stateVersion"]["presence"] > hello["payload"]["snapshot"]["stateVersion"]["presence"]
        gone = await cli.wait(lambda f: f.get("event") == "presence" and len(f["payload"]["presence"]) == 1)
        assert gone["stateVersion"]["presence"] > came["stateVersion"]["presence"]


async def test_a_closing_gateway_closes_every_socket_with_its_word(served: Served) -> None:
    async with served.connect() as one, served.open() as other:
        served.door.close_all(1012, "service restart")
        assert await one.closed() == (1012, "service restart")
        assert await other.closed() == (1012, "service restart")


async def test_a_big_frame_is_taken_once_somebody_is_known_and_a_bigger_one_closes(served: Served) -> None:
    async with served.connect() as client:
        big = {"type": "req", "id": "big", "method": "health", "params": {"padding": "x" * 20_000_000}}
        await client.send(big)
        assert (await client.wait(lambda frame: frame.get("id") == "big"))["ok"]
        with suppress(ConnectionClosed):
            await client.send("x" * (limits.MAX_FRAME + 1))
        assert (await client.closed())[0] == 1009


async def test_a_long_answer_costs_what_it_weighs_not_its_square(tmp_path: Path) -> None:
    """Each delta event repeats the whole text so far; for a long answer that must not be said with every word."""
    words = 20_000
    step: Step = [*[TextDelta(f"word{number:05d} ") for number in range(words)], Finished("stop", Usage())]
    async with serve(tmp_path, steps=[step]) as served, served.connect() as client:
        end = await client.ended(await client.send_chat("go on"))
        size = sum(len(json.dumps(frame)) for frame in client.of("chat", "agent"))
        text = "".join(
            payload["deltaText"] for payload in client.of_run(end["runId"], "chat") if "deltaText" in payload
        )
    assert text == end["message"]["content"][0]["text"]
    assert len(text) == words * 10
    assert size < 600 * len(text)


async def test_a_token_that_is_revoked_while_its_device_comes_in_lets_it_stay_no_longer(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = DeviceKey()
    greet = hello_ok

    async def revoked_meanwhile(gateway: Gateway, caller: Caller, *rest: Any) -> dict[str, Any]:
        await gateway.devices.revoke(key.id, "operator", within=("operator.admin",))
        return await greet(gateway, caller, *rest)

    monkeypatch.setattr(ws, "hello_ok", revoked_meanwhile)
    async with served.connect(key=key) as client:
        assert await client.closed() == (4001, "device removed")
    monkeypatch.undo()
    async with served.connect(key=key) as client:
        assert (await client.call("health"))["ok"] is True
