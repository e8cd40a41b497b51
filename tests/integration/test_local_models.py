"""A model server on this machine is used with no more than its name in the config: a gateway asks it what it has."""

from __future__ import annotations

import json
from typing import Any

from tests.support.fake_speaker import speaker_in_process
from tests.support.gateway import GatewayFactory
from tests.support.protocol_client import connected


async def test_what_ollama_has_answers_without_a_line_about_models(gateway: GatewayFactory) -> None:
    with speaker_in_process("ollama") as fake:
        entry = {key: value for key, value in fake.provider().items() if key != "models"}
        process = gateway({"models": {"providers": {"ollama": entry}}})
        async with connected(process.ws_url, process.token) as client:
            rows: list[dict[str, Any]] = (await client.request("models.list", {"refresh": True}))["payload"]["models"]
            found = {row["id"]: row for row in rows if row["provider"] == "ollama"}
            assert (found["fake-1"]["contextWindow"], found["fake-see"]["input"]) == (8192, ["text", "image"])
            assert "default" in found["fake-1"]["tags"]
            said = await client.request("agent", {"message": "hello", "idempotencyKey": "a", "agentId": "main"})
            ended = await client.request("agent.wait", {"runId": said["payload"]["runId"], "timeoutMs": 20_000})
            assert ended["payload"]["status"] == "ok", json.dumps(ended)
        assert [request["body"]["model"] for request in fake.requests()][-1] == "fake-1"
