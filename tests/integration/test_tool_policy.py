"""The tool policy as a provider sees it: the tools of the recorded request, after each change of a running gateway."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.contract.tool_policy_cases import OBSERVED, Case
from tests.integration.conftest import HTTP_ON
from tests.support.fake_openai import FakeOpenAI, openai_in_process
from tests.support.gateway import GatewayProcess
from tests.support.protocol_client import ProtocolClient, connected

KEYS = ("profile", "allow", "alsoAllow", "deny", "byProvider")


CALL = {"index": 0, "id": "c1", "type": "function", "function": {"name": "exec", "arguments": '{"command": "id"}'}}
CHUNK = {
    "id": "x",
    "object": "chat.completion.chunk",
    "created": 1,
    "model": "fake-1",
    "choices": [{"index": 0, "delta": {"role": "assistant", "tool_calls": [CALL]}, "finish_reason": "tool_calls"}],
}
HALLUCINATED = f"{json.dumps(CHUNK)}\n\ndata: [DONE]"
"""An answer that calls a tool which the request did not have."""


class Place:
    """A gateway whose agents use the fake provider."""

    def __init__(self, gateway: GatewayProcess, fake: FakeOpenAI) -> None:
        self.gateway = gateway
        self.fake = fake

    async def configure(self, client: ProtocolClient, tools: dict[str, Any]) -> None:
        """Patch `tools` to be just this; it holds when this returns."""
        known = (await client.call("config.get"))["hash"]
        change = json.dumps({"tools": {key: tools.get(key) for key in KEYS}})
        await client.call("config.patch", raw=change, baseHash=known)

    async def sent(self, client: ProtocolClient, key: str = "main") -> set[str]:
        """The tools that the model was told of in a turn of its own."""
        self.fake.reset()
        await client.ended(await client.send_chat("hello", key=key))
        return tools_of(self.fake.requests()[-1])

    def openclaw(self, *words: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "clawfleet", *words]
        return subprocess.run(line, env=self.gateway.env, capture_output=True, text=True, check=False)


def tools_of(request: dict[str, Any]) -> set[str]:
    return {row["function"]["name"] for row in request["body"].get("tools", ())}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with openai_in_process() as fake:
        other = fake.provider("fake-1")
        config = {
            **HTTP_ON,
            "models": {"providers": {"fake": fake.provider("fake-1", "fail-500"), "other": other}},
            "agents": {
                "defaults": {"model": "fake/fake-1"},
                "entries": {"main": {"default": True}, "ops": {"model": {"primary": "fake/fail-500"}}},
            },
        }
        config["agents"]["entries"]["ops"]["model"]["fallbacks"] = ["other/fake-1"]  # type: ignore[index]
        gateway = GatewayProcess(tmp_path_factory.mktemp("policy"), config)
        try:
            yield Place(gateway.start(), fake)
        finally:
            gateway.kill()


@pytest.mark.parametrize("case", OBSERVED, ids=lambda case: case.name)
async def test_a_row_of_the_observed_matrix(place: Place, case: Case) -> None:
    """What is sent is what was observed, of the tools that there are here; applied without a restart."""
    async with connected(place.gateway.ws_url, place.gateway.token) as client:
        await place.configure(client, {})
        here = await place.sent(client)
        await place.configure(client, dict(case.tools))
        expected = set(case.expected) & here
        explained = await client.call("tools.explain", sessionKey="main")
        assert set(explained["allowed"]) == expected
        if expected:
            assert await place.sent(client) == expected
        else:
            await refuses(place, client)


async def refuses(place: Place, client: ProtocolClient) -> None:
    """A list that leaves nothing ends the turn before any model is asked, and every caller is told why."""
    place.fake.reset()
    end = await client.ended(await client.send_chat("hello"))
    assert end["state"] == "error"
    assert "No callable tools remain after resolving explicit tool allowlist (tools.allow: " in end["errorMessage"]
    assert place.fake.requests() == []


async def test_a_list_of_unknown_names_is_told_to_http_clients_too(place: Place) -> None:
    async with connected(place.gateway.ws_url, place.gateway.token) as client:
        await place.configure(client, {"allow": ["query_db"]})
        await refuses(place, client)
    body = {"model": "openclaw", "messages": [{"role": "user", "content": "hello"}]}
    headers = {"Authorization": f"Bearer {place.gateway.token}"}
    async with httpx.AsyncClient(timeout=30) as http:
        reply = await http.post(f"{place.gateway.url}/v1/chat/completions", json=body, headers=headers)
    assert reply.status_code == 400
    assert "(tools.allow: query_db); no registered tools matched." in reply.json()["error"]["message"]
    assert place.gateway.log_file.read_text().count("tools.allow allowlist contains unknown entries (query_db)") == 1


async def test_an_agent_without_tools_only_talks(place: Place) -> None:
    """`deny: ["*"]` is legal."""
    async with connected(place.gateway.ws_url, place.gateway.token) as client:
        await place.configure(client, {"deny": ["*"]})
        assert await place.sent(client) == set()


async def test_a_tool_that_was_removed_cannot_be_called_either(place: Place) -> None:
    """The call is answered, so that the conversation stays whole."""
    async with connected(place.gateway.ws_url, place.gateway.token) as client:
        await place.configure(client, {"deny": ["exec"]})
        place.fake.reset()
        place.fake.script({"raw": HALLUCINATED}, {"text": "done"})
        await client.ended(await client.send_chat("go"))
        (told,) = [row for row in place.fake.requests()[-1]["body"]["messages"] if row["role"] == "tool"][-1:]
    assert told["content"].startswith("Tool exec not found")


async def test_rules_by_provider_follow_the_model_that_answers(place: Place) -> None:
    """After `/model`, and when a fallback steps in in the middle of a turn."""
    async with connected(place.gateway.ws_url, place.gateway.token) as client:
        await place.configure(client, {"byProvider": {"other": {"profile": "minimal", "alsoAllow": ["read"]}}})
        assert "exec" in await place.sent(client, "agent:main:switch")
        await client.ended(await client.send_chat("/model other/fake-1", key="agent:main:switch"))
        after = await place.sent(client, "agent:main:switch")
        assert "read" in after and "exec" not in after
        place.fake.reset()
        await client.ended(await client.send_chat("hello", key="agent:ops:main"))
        asked = place.fake.requests()
    assert "exec" in tools_of(asked[0]) and "exec" not in tools_of(asked[-1])
    assert "read" in tools_of(asked[-1])


async def test_the_seed_users_repair(place: Place) -> None:
    """The three lines of the script, word for word, on a running gateway; the explanation names the trap before."""
    async with connected(place.gateway.ws_url, place.gateway.token) as client:
        await place.configure(client, {"profile": "full", "allow": ["group:runtime"]})
        trapped = await place.sent(client)
        assert "exec" in trapped and "read" not in trapped
        said = place.openclaw("tools", "explain").stdout
        assert "tools.allow then keeps only group:runtime" in said and "openclaw config unset tools.allow" in said
        for line in (
            ("config", "unset", "tools.allow"),
            ("config", "unset", "tools.deny"),
            ("config", "set", "tools.profile", "messaging"),
        ):
            assert place.openclaw(*line).returncode == 0
        seen = 0
        while (await client.call("tools.explain"))["narrowedBy"] != ["tools.profile"]:
            await client.wait(lambda frame: frame.get("event") == "config.changed", since=seen)
            seen = len(client.frames)
        mended = await place.sent(client)
    assert "exec" not in mended and {"sessions_list", "session_status"} <= mended
