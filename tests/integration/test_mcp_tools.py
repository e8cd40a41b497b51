"""MCP servers as a user meets them: configured, used in turns, changed while the gateway runs, gone with it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai

from tests.support.fake_openai import FakeOpenAI
from tests.support.gateway import GatewayFactory, GatewayProcess
from tests.support.mcp_server import fake_server
from tests.support.protocol_client import connected


def _config(fake: FakeOpenAI, **more: Any) -> dict[str, Any]:
    return {
        "gateway": {"http": {"endpoints": {"chatCompletions": {"enabled": True}}}},
        "models": {"providers": {"fake": fake.provider("fake-1")}},
        "agents": {"defaults": {"model": "fake/fake-1"}},
        **more,
    }


def _turn(running: GatewayProcess, fake: FakeOpenAI, tool: str, **arguments: Any) -> tuple[set[str], str]:
    """What a turn offers, and the result of one call in it."""
    fake.reset()
    fake.script({"tool": tool, "arguments": json.dumps(arguments) if arguments else "{ }"}, {"text": "done"})
    with openai.OpenAI(base_url=f"{running.url}/v1", api_key=running.token, max_retries=0, timeout=60) as client:
        client.chat.completions.create(model="openclaw", messages=[{"role": "user", "content": "go"}])
    body = fake.requests()[-1]["body"]
    told = [str(row["content"]) for row in body["messages"] if row["role"] == "tool"]
    return {row["function"]["name"] for row in body["tools"]}, told[-1] if told else ""


def _alive(pid: int) -> bool:
    try:
        return "mcp_server" in Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def _until(condition: Callable[[], bool], limit_s: float = 60.0) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


async def test_a_models_tools_are_those_of_a_server_too(gateway: GatewayFactory, fake_openai: FakeOpenAI) -> None:
    """Offered, called, listed; a deny takes all of them; a server that dies comes back; a stop ends its process."""
    servers = {"fake": fake_server(env={"TOLD": "key-of-mine"}), "dead": {"command": "/no/such/program"}}
    running = gateway(_config(fake_openai, mcp={"servers": servers}))
    offered, told = _turn(running, fake_openai, "fake__variable", name="TOLD")
    assert {"fake__echo", "fake__count", "exec"} <= offered
    assert told == "***"
    assert "/no/such/program is not there" in running.log()
    assert "key-of-mine" not in running.log()
    first = _turn(running, fake_openai, "fake__count")[1]
    second = _turn(running, fake_openai, "fake__count")[1]
    assert (first.partition(" ")[0], second.partition(" ")[0]) == ("1", "2")
    assert "lost during the call" in _turn(running, fake_openai, "fake__die")[1]
    again = _turn(running, fake_openai, "fake__count")[1]
    assert again.startswith("1 in ")
    async with connected(running.ws_url, running.token) as client:
        groups = {each["id"]: each for each in (await client.call("tools.effective", sessionKey="main"))["groups"]}
        assert {"fake__echo"} <= {row["id"] for row in groups["mcp"]["tools"]}
        assert groups["mcp"]["tools"][0]["mcpServer"] == "fake"
        invoked = await client.call("tools.invoke", name="fake__echo", args={"text": "hi"})
        assert (invoked["output"]["content"][0]["text"], invoked["source"]) == ("echo: hi", "mcp")

    found = re.search(r"\d+$", again)
    assert found is not None
    pid = int(found[0])
    assert _alive(pid)
    denied = json.loads(running.config_path.read_text()) | {"tools": {"deny": ["bundle-mcp"]}}
    running.config_path.write_text(json.dumps(denied))
    _until(lambda: "config hot reload applied" in running.log())
    offered, _ = _turn(running, fake_openai, "fake__count")
    assert not {name for name in offered if "__" in name}
    running.config_path.write_text(json.dumps(denied | {"mcp": {"servers": {}}}))
    _until(lambda: not _alive(pid))
    assert running.stop() == 0


def test_a_gateway_that_ends_leaves_no_server_behind(gateway: GatewayFactory, fake_openai: FakeOpenAI) -> None:
    """Nor does one that is killed: a server whose gateway is gone ends by itself."""
    running = gateway(_config(fake_openai, mcp={"servers": {"fake": fake_server()}}))
    for end in (running.stop, running.kill):
        told = _turn(running, fake_openai, "fake__count")[1]
        pid = int(told.rpartition(" ")[2])
        assert _alive(pid)
        end()
        _until(lambda pid=pid: not _alive(pid))  # type: ignore[misc]
        running.start()
