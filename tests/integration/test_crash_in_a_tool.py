"""kill -9 while a tool works: the next start mends the transcript, ends what was left running, the session goes on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.containers import containers_of, processes_of, remove_containers_of
from tests.support.fake_openai import FakeOpenAI
from tests.support.gateway import GatewayFactory, GatewayProcess
from tests.support.images import sandbox_image
from tests.support.protocol_client import connected

CUT_OFF = "(stopped before this tool had finished; part of its work may be done)"


@pytest.fixture
def swept() -> Iterator[list[GatewayProcess]]:
    """Gateways whose containers go with the test."""
    gateways: list[GatewayProcess] = []
    yield gateways
    for each in gateways:
        remove_containers_of(each)


def _gateway(gateway: GatewayFactory, fake: FakeOpenAI, sandbox: dict[str, Any]) -> GatewayProcess:
    return gateway(
        {
            "models": {"providers": {"fake": fake.provider("fake-1")}},
            "agents": {"defaults": {"model": "fake/fake-1", "sandbox": sandbox}},
        }
    )


def _call(command: str) -> dict[str, Any]:
    """The model calls exec, whatever was said last."""
    return {"tool": "exec", "goes_on": True, "arguments": json.dumps({"command": command})}


async def _until(condition: Callable[[], bool], limit_s: float = 60.0) -> None:
    async with asyncio.timeout(limit_s):
        while not await asyncio.to_thread(condition):
            await asyncio.sleep(0.05)


async def _die_in_a_tool(running: GatewayProcess, fake: FakeOpenAI, is_inside: Callable[[], bool]) -> None:
    """Two calls, the first one done, the second one under way when the gateway is killed."""
    fake.script(_call("echo one"), _call("sleep 4242"))
    async with connected(running.ws_url, running.token) as client:
        await client.send_chat("work", run="first")
        await _until(is_inside)
        await asyncio.to_thread(running.kill)


async def _goes_on(running: GatewayProcess, fake: FakeOpenAI) -> None:
    """The transcript has a result for every call, the model is shown them, and answers."""
    fake.reset()
    fake.script({"text": "well again"})
    async with connected(running.ws_url, running.token) as client:
        rows = (await client.call("chat.history", sessionKey="main", limit=50))["messages"]
        results = [json.dumps(row) for row in rows if row["role"] == "toolResult"]
        assert len(results) == 2
        assert "one" in results[0]
        assert CUT_OFF in results[1]
        run = await client.send_chat("go on")
        assert (await client.ended(run, limit_s=60))["state"] == "final"
    sent = fake.requests()[-1]["body"]["messages"]
    called = [call["id"] for row in sent for call in row.get("tool_calls") or ()]
    answered = [row["tool_call_id"] for row in sent if row["role"] == "tool"]
    assert (len(called), answered) == (2, called)
    assert [row["content"] for row in sent if row["role"] == "tool"][1] == CUT_OFF


@pytest.mark.docker
async def test_a_sandboxed_session_goes_on_in_a_clean_container(
    gateway: GatewayFactory, fake_openai: FakeOpenAI, swept: list[GatewayProcess]
) -> None:
    """Nothing of the dead gateway runs after the next start, and the container's files are still there."""
    sandbox_image()
    running = _gateway(gateway, fake_openai, {"mode": "all"})
    swept.append(running)
    await _die_in_a_tool(running, fake_openai, lambda: "sleep 4242" in processes_of(running))
    before = containers_of(running)
    assert "sleep 4242" in processes_of(running)  # nobody was left who could have ended it
    await asyncio.to_thread(running.start)
    await _until(lambda: "sleep 4242" not in processes_of(running))
    await _goes_on(running, fake_openai)
    assert "commands of a gateway that ended still ran in it" in running.log()
    assert containers_of(running) == before
    fake_openai.reset()
    fake_openai.script(_call("pwd"), {"text": "there"})
    async with connected(running.ws_url, running.token) as client:
        await client.ended(await client.send_chat("where"), limit_s=60)
    assert fake_openai.requests()[-1]["body"]["messages"][-1]["content"] == "/workspace"
    assert containers_of(running) == before


async def test_a_session_on_the_host_goes_on(gateway: GatewayFactory, fake_openai: FakeOpenAI) -> None:
    """The same without a sandbox."""
    running = _gateway(gateway, fake_openai, {"mode": "off"})
    begun = running.state_dir / "workspace" / "begun"
    fake_openai.script(_call("echo one"), _call(f"touch {begun}; exec sleep 30"))
    async with connected(running.ws_url, running.token) as client:
        await client.send_chat("work", run="first")
        await _until(begun.exists)
        await asyncio.to_thread(running.kill)
    await asyncio.to_thread(running.start)
    await _goes_on(running, fake_openai)
