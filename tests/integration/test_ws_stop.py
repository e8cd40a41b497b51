"""Stopping a gateway under load: who is told what, what still ends, and with which code everything closes."""

from __future__ import annotations

import asyncio
import signal
import urllib.error
import urllib.request

from tests.integration.conftest import agents_of_fake
from tests.support.fake_openai import FakeOpenAI
from tests.support.gateway import GatewayFactory, GatewayProcess
from tests.support.protocol_client import ProtocolClient, connected, open_socket

HELD = "agent:fake-1:main"
ENDLESS = "agent:stall-midway:main"
WORDS = " ".join(f"word{number}" for number in range(8))


async def begun(client: ProtocolClient, run: str) -> None:
    """Return when the model has said something."""
    await client.wait(
        lambda f: f.get("event") == "chat" and f["payload"].get("runId") == run and "deltaText" in f["payload"]
    )


async def exit_code(gateway: GatewayProcess) -> int:
    return await asyncio.to_thread(gateway.wait_exit)


async def test_sigterm_tells_everybody_lets_the_turn_end_closes_with_1012_and_exits_0(
    gateway: GatewayFactory, fake_openai: FakeOpenAI
) -> None:
    running = gateway(agents_of_fake(fake_openai))
    fake_openai.script({"waits": True})
    async with (
        connected(running.ws_url, running.token) as client,
        connected(running.ws_url, running.token, scopes=[]) as stranger,
        open_socket(running.ws_url) as unknown,
    ):
        run = await client.send_chat(WORDS, key=HELD)
        await begun(client, run)
        running.process.send_signal(signal.SIGTERM)
        for listener in (client, stranger):
            shutdown = await listener.wait(lambda frame: frame.get("event") == "shutdown")
            assert shutdown["payload"] == {"reason": "gateway stopping"}
        late = await client.request("chat.send", {"sessionKey": "x", "message": "x", "idempotencyKey": "late"})
        assert (late["error"]["code"], late["error"]["retryable"]) == ("UNAVAILABLE", True)
        await asyncio.to_thread(fake_openai.go_on)
        end = await client.ended(run)
        assert end["state"] == "final"
        assert WORDS in end["message"]["content"][0]["text"]
        for socket in (client, stranger, unknown):
            assert await socket.closed() == (1012, "service restart")
        assert [frame["seq"] for frame in client.events] == list(range(1, len(client.events) + 1))
    assert await exit_code(running) == 0
    assert "stopped cleanly" in running.log_file.read_text()
    running.start()
    async with connected(running.ws_url, running.token) as client:
        page = await client.call("chat.history", sessionKey=HELD)
        assert [row["role"] for row in page["messages"]] == ["user", "assistant"]
        assert (await client.call("chat.history", sessionKey="x"))["messages"] == []


async def test_a_second_sigterm_waits_for_nothing_and_loses_nothing(
    gateway: GatewayFactory, fake_openai: FakeOpenAI
) -> None:
    running = gateway(agents_of_fake(fake_openai))
    async with connected(running.ws_url, running.token) as client:
        run = await client.send_chat("x", key=ENDLESS)
        await begun(client, run)
        running.process.send_signal(signal.SIGTERM)
        await client.wait(lambda frame: frame.get("event") == "shutdown")
        running.process.send_signal(signal.SIGTERM)
        end = await client.ended(run, limit_s=15)  # half of what a first signal would wait
        assert (end["state"], end["stopReason"]) == ("aborted", "shutdown")
        assert await client.closed() == (1012, "service restart")
    assert await exit_code(running) == 0
    partial = end["message"]["content"][0]["text"]
    running.start()
    async with connected(running.ws_url, running.token) as client:
        page = await client.call("chat.history", sessionKey=ENDLESS)
    assert page["messages"][-1]["content"][0]["text"] == partial


async def test_an_idle_gateway_stops_at_once_and_its_probes_say_so_first(gateway: GatewayFactory) -> None:
    running = gateway()
    async with connected(running.ws_url, running.token) as client:
        running.process.send_signal(signal.SIGTERM)
        assert await client.closed(limit_s=15) == (1012, "service restart")
    assert await exit_code(running) == 0
    try:
        await asyncio.to_thread(urllib.request.urlopen, f"{running.url}/healthz", None, 2)
    except urllib.error.URLError:
        return
    raise AssertionError("somebody still answers")


async def test_draining_shows_in_the_probes_and_over_http(gateway: GatewayFactory, fake_openai: FakeOpenAI) -> None:
    running = gateway(agents_of_fake(fake_openai))
    fake_openai.script({"waits": True})
    async with connected(running.ws_url, running.token) as client:
        run = await client.send_chat(WORDS, key=HELD)
        await begun(client, run)
        running.process.send_signal(signal.SIGTERM)
        await client.wait(lambda frame: frame.get("event") == "shutdown")
        assert await asyncio.to_thread(status_of, f"{running.url}/readyz") == 503
        assert await asyncio.to_thread(status_of, f"{running.url}/startupz") == 503
        assert await asyncio.to_thread(status_of, f"{running.url}/healthz") == 200
        await asyncio.to_thread(fake_openai.go_on)
        await client.ended(run)
    assert await exit_code(running) == 0


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=30) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        return error.code
