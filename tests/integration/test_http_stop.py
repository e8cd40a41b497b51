"""Stopping a gateway while it answers over HTTP: what was begun comes to its end, what is new is told to come again."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import httpx
import pytest

from tests.integration.conftest import agents_of_fake
from tests.support.fake_openai import FakeOpenAI
from tests.support.gateway import GatewayFactory

CHAT = "/v1/chat/completions"
WORDS = " ".join(f"word{number}" for number in range(8))


def asks(agent: str, **more: Any) -> dict[str, Any]:
    return {"model": f"openclaw/{agent}", "messages": [{"role": "user", "content": WORDS}], **more}


@pytest.mark.parametrize("stream", [True, False])
async def test_an_answer_that_was_begun_comes_to_its_end(
    gateway: GatewayFactory, fake_openai: FakeOpenAI, stream: bool
) -> None:
    running = gateway(agents_of_fake(fake_openai))
    fake_openai.script({"waits": True})
    headers = {"Authorization": f"Bearer {running.token}"}
    async with httpx.AsyncClient(base_url=running.url, headers=headers, timeout=30) as http:
        asking = asyncio.ensure_future(http.post(CHAT, json=asks("fake-1", stream=stream)))
        await asyncio.to_thread(fake_openai.requests, at_least=1)
        running.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            while (await http.get("/readyz")).status_code != 503:
                await asyncio.sleep(0.01)
        late = await http.post(CHAT, json=asks("fast", stream=stream))
        assert (late.status_code, late.headers["retry-after"]) == (503, "1")
        assert late.json()["error"]["code"] == "gateway_unavailable"
        await asyncio.to_thread(fake_openai.go_on)
        reply = await asking
    assert reply.status_code == 200
    if stream:
        assert reply.text.rstrip().endswith("data: [DONE]")
        assert '"finish_reason":"stop"' in reply.text
        assert "word7" in reply.text
    else:
        assert reply.json()["choices"][0]["message"]["content"] == f"You said: {WORDS}"
    assert await asyncio.to_thread(running.wait_exit) == 0


async def test_a_second_signal_tells_those_who_wait_that_it_is_over(
    gateway: GatewayFactory, fake_openai: FakeOpenAI
) -> None:
    running = gateway(agents_of_fake(fake_openai))
    headers = {"Authorization": f"Bearer {running.token}"}
    async with httpx.AsyncClient(base_url=running.url, headers=headers, timeout=30) as http:
        waiting = [
            asyncio.ensure_future(http.post(CHAT, json=asks("stall-midway", stream=stream))) for stream in (True, False)
        ]
        await asyncio.to_thread(fake_openai.requests, at_least=2)
        running.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            while (await http.get("/readyz")).status_code != 503:
                await asyncio.sleep(0.01)
        running.process.send_signal(signal.SIGTERM)
        streamed, whole = await asyncio.gather(*waiting)
    assert (whole.status_code, whole.json()["error"]["code"]) == (503, "gateway_unavailable")
    assert "gateway_unavailable" in streamed.text
    assert streamed.text.rstrip().endswith("data: [DONE]")
    assert await asyncio.to_thread(running.wait_exit) == 0
