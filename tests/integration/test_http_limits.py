"""HTTP at its edges: bodies that are too big, clients that leave, proxies, and many requests on one connection."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

import httpx
import pytest

from tests.integration.conftest import Station

CHAT = "/v1/chat/completions"
MIB = 1024 * 1024


def http(station: Station, **options: Any) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {station.gateway.token}"}
    return httpx.AsyncClient(base_url=station.gateway.url, headers=headers, timeout=60, **options)


def asks(agent: str, text: str, **more: Any) -> dict[str, Any]:
    return {"model": f"openclaw/{agent}", "messages": [{"role": "user", "content": text}], **more}


async def test_a_body_of_20_mib_is_read_and_a_bigger_one_refused_while_it_is_sent(station: Station) -> None:
    async with http(station) as client:
        refused = await client.post(CHAT, content=b"x" * (20 * MIB + 1))
        assert (refused.status_code, refused.json()["error"]["message"]) == (413, "Payload too large")
        endless = await client.post(CHAT, content=chunks(200))
        assert endless.status_code == 413
        taken = await client.post(CHAT, content=json.dumps(asks("fast", "x" * (19 * MIB))))
        assert (taken.status_code, taken.json()["choices"][0]["message"]["content"]) == (200, "A fast answer.")
        assert (await client.get("/healthz")).status_code == 200


async def chunks(count: int) -> Any:
    for _ in range(count):
        yield b"x" * MIB


async def test_a_body_without_the_token_is_not_read(station: Station) -> None:
    async with http(station) as client:
        reply = await client.post(CHAT, content=b"x" * (2 * MIB), headers={"Authorization": "Bearer wrong"})
    assert reply.status_code == 401


@pytest.mark.parametrize("stream", [False, True])
async def test_a_client_that_leaves_takes_its_request_from_the_provider(station: Station, stream: bool) -> None:
    text = f"leaving {uuid.uuid4()} " + "word " * 100
    asked_before = len(station.fake.requests())
    async with http(station) as client:
        asking = asyncio.ensure_future(client.post(CHAT, json=asks("slow", text, stream=stream, user="leaver")))
        await asyncio.to_thread(station.fake.requests, at_least=asked_before + 1)
        asking.cancel()
        await asyncio.wait({asking})
    rows = await asyncio.to_thread(station.fake.requests, at_least=asked_before + 1, ended=True)
    (row,) = [row for row in rows if text.strip() in str(row["body"]["messages"])]
    assert row["outcome"] == "client left"
    async with station.connect() as client_of_gateway:
        page = await client_of_gateway.call("chat.history", sessionKey="agent:slow:openai-user:leaver")
    assert page["messages"][-1].get("stopReason", "aborted") == "aborted"


async def test_a_stalled_provider_does_not_hold_up_anybody_else(station: Station) -> None:
    async with http(station) as client:
        stalled = asyncio.ensure_future(client.post(CHAT, json=asks("stall", "x", stream=True)))
        answers = await asyncio.gather(*(client.post(CHAT, json=asks("fast", "x")) for _ in range(10)))
        assert [reply.status_code for reply in answers] == [200] * 10
        stalled.cancel()
        await asyncio.wait({stalled})


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP"])
async def test_what_a_proxy_forwards_is_refused_with_the_right_token_too(station: Station, header: str) -> None:
    async with http(station) as client:
        for method, path in (("POST", CHAT), ("GET", "/v1/models"), ("GET", "/readyz"), ("GET", "/startupz")):
            reply = await client.request(method, path, headers={header: "10.0.0.1"})
            assert (reply.status_code, reply.json()["error"]["type"]) == (403, "proxy_attribution_required"), path
        assert (await client.get("/healthz", headers={header: "10.0.0.1"})).status_code == 200


async def test_one_connection_serves_many_requests_and_many_mistakes(station: Station) -> None:
    async with http(station, limits=httpx.Limits(max_connections=1)) as client:
        for _ in range(3):
            assert (await client.get("/v1/models")).status_code == 200
            assert (await client.post(CHAT, content=b"{")).status_code == 400
            assert (await client.get("/v1/nothing")).status_code == 404
            assert (await client.put(CHAT)).status_code == 405


async def test_a_message_over_http_and_one_over_the_socket_wait_for_each_other(station: Station) -> None:
    """Whatever door they come through, messages of one session are answered one after the other."""
    key = f"agent:slow:both-{uuid.uuid4()}"
    async with http(station) as client, station.connect() as socket:
        run = await socket.send_chat("first first first first", key=key)
        reply = await client.post(CHAT, json=asks("slow", "second"), headers={"x-openclaw-session-key": key})
        await socket.ended(run)
        page = await socket.call("chat.history", sessionKey=key)
    assert reply.json()["choices"][0]["message"]["content"] == "You said: second"
    said = [row["content"] if row["role"] == "user" else row["content"][0]["text"] for row in page["messages"]]
    assert said.index("You said: first first first first") < said.index("You said: second")
