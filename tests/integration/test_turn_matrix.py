"""Every wire API through whole turns of a real gateway: what a client sees does not depend on the wire.

The fakes refuse what the real providers would refuse, so that a turn that ends well was spoken rightly.
"""

from __future__ import annotations

import asyncio
import base64
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import openai
import pytest

from tests.fakes.openai.behaviours import NAMED, UNICODE_TEXT
from tests.integration.conftest import HTTP_ON
from tests.support.fake_openai import FakeOpenAI, openai_in_process
from tests.support.fake_speaker import WIRES, speaker_in_process
from tests.support.gateway import GatewayProcess
from tests.support.protocol_client import connected

APIS = ("openai-completions", *WIRES)
PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 16).decode()


@dataclass
class House:
    """A gateway before one fake for each wire API; agent `<api>-<model>` talks to that model."""

    gateway: GatewayProcess
    fakes: dict[str, FakeOpenAI]

    def connect(self) -> Any:
        return connected(self.gateway.ws_url, self.gateway.token, caps=["tool-events"])


def _row(name: str) -> dict[str, Any]:
    return {"id": name, "name": name, "input": ["text", "image"], "reasoning": name.startswith("fake-think")}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with ExitStack() as stack:
        fakes: dict[str, FakeOpenAI] = {"openai-completions": stack.enter_context(openai_in_process())}
        fakes |= {api: stack.enter_context(speaker_in_process(api)) for api in WIRES}
        rows = [_row(name) for name in NAMED]
        providers: dict[str, dict[str, Any]] = {api: fake.provider() | {"models": rows} for api, fake in fakes.items()}
        told: dict[str, Any] = {"compat": {"supportsReasoningEffort": True}}
        providers["openai-completions"]["models"] = [row | told for row in rows]
        entries: dict[str, dict[str, Any]] = {
            f"{api}-{name}": {"model": f"{api}/{name}"} for api in APIS for name in NAMED
        }
        entries["main"] = {"default": True, "model": "demo/echo"}
        config = {**HTTP_ON, "models": {"providers": providers}, "agents": {"entries": entries}}
        process = GatewayProcess(tmp_path_factory.mktemp("matrix"), config)
        try:
            yield House(process.start(), fakes)
        finally:
            process.kill()


@pytest.fixture(params=APIS)
def api(house: House, request: pytest.FixtureRequest) -> str:
    house.fakes[request.param].reset()
    return str(request.param)


def key_of(api: str, model: str) -> str:
    return f"agent:{api}-{model}:{uuid.uuid4()}"


def said(end: dict[str, Any]) -> str:
    assert end["state"] == "final", end
    return str(end["message"]["content"][0]["text"])


async def asked_http(house: House, api: str, model: str, **more: Any) -> Any:
    settings: dict[str, Any] = {"base_url": f"{house.gateway.url}/v1", "api_key": house.gateway.token}
    async with openai.AsyncOpenAI(**settings, max_retries=0) as sdk:
        messages: Any = [{"role": "user", "content": "hello there"}]
        return await sdk.chat.completions.create(model=f"openclaw/{api}-{model}", messages=messages, **more)


async def test_plain(house: House, api: str) -> None:
    answer = await asked_http(house, api, "fake-1")
    assert answer.choices[0].message.content == "You said: hello there"
    assert answer.choices[0].finish_reason == "stop"


async def test_stream(house: House, api: str) -> None:
    async with house.connect() as client:
        run = await client.send_chat("hello there", key=key_of(api, "fake-1"))
        assert said(await client.ended(run)) == "You said: hello there"
        pieces = [row["deltaText"] for row in client.of_run(run, "chat") if row["state"] == "delta"]
        assert "".join(pieces) == "You said: hello there"
        assert len(pieces) > 1
        run = await client.send_chat("hello", key=key_of(api, "unicode"))
        assert said(await client.ended(run)) == UNICODE_TEXT


@pytest.mark.parametrize(("model", "count"), [("fake-tool", 1), ("fake-parallel", 2), ("fake-think-tool", 1)])
async def test_tools(house: House, api: str, model: str, count: int) -> None:
    """One call, two at once, and one that was thought about: its seal goes back, or the fake refuses it."""
    async with house.connect() as client:
        key = key_of(api, model)
        run = await client.send_chat("please run `echo $((40 + 2))`", key=key)
        text = said(await client.ended(run))
        results = [row["data"] for row in client.of_run(run, "agent")
                   if row["stream"] == "tool" and row["data"]["phase"] == "result"]  # fmt: skip
        assert text.startswith("The tool said:")
        assert "42" in text
        assert len({row["toolCallId"] for row in results}) == count
        assert ["42" in str(row["result"]) for row in results] == [True] * count
        run = await client.send_chat("please run `echo again`", key=key)
        assert "again" in said(await client.ended(run))
    assert len(house.fakes[api].requests()) == 4


async def test_image(house: House, api: str) -> None:
    picture = {"type": "image", "mimeType": "image/png", "fileName": "p.png", "content": PIXEL}
    async with house.connect() as client:
        run, key = str(uuid.uuid4()), key_of(api, "fake-1")
        await client.call("chat.send", sessionKey=key, message="look", idempotencyKey=run, attachments=[picture])
        text = said(await client.ended(run))
    assert text == "You said: look [1 image]"


THINKS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "openai-completions": lambda body: body["reasoning_effort"],
    "openai-responses": lambda body: body["reasoning"]["effort"],
    "anthropic-messages": lambda body: body["thinking"]["budget_tokens"],
    "google-generative-ai": lambda body: body["generationConfig"]["thinkingConfig"]["includeThoughts"],
    "ollama": lambda body: {True: True}[body["think"]],
}


async def test_thinking(house: House, api: str) -> None:
    """The session's level reaches the provider; what it thinks is no part of the answer; off is off."""
    expected: dict[str, Any] = {"anthropic-messages": 2048, "google-generative-ai": True, "ollama": True}
    async with house.connect() as client:
        key = key_of(api, "fake-think")
        await client.call("sessions.patch", key=key, thinkingLevel="low")
        run = await client.send_chat("hello", key=key)
        assert said(await client.ended(run)) == "You said: hello"
        await client.call("sessions.patch", key=key, thinkingLevel="off")
        run = await client.send_chat("hello", key=key)
        assert said(await client.ended(run)) == "You said: hello"
    low, off = (entry["body"] for entry in house.fakes[api].requests())
    assert THINKS[api](low) == expected.get(api, "low")
    with pytest.raises(KeyError):
        THINKS[api](off)


async def test_usage(house: House, api: str) -> None:
    """Tokens out of a cache are counted as read ones; nothing is counted twice."""
    answer = await asked_http(house, api, "fake-cached")
    fresh = await asked_http(house, api, "fake-1")
    assert answer.usage.completion_tokens == 1
    assert fresh.usage.completion_tokens == 4
    # One fake counts cached tokens among the others, and Ollama tells of none.
    beyond = 0 if api in ("openai-completions", "ollama") else 3
    assert answer.usage.prompt_tokens == fresh.usage.prompt_tokens + beyond


async def test_a_limit_that_was_reached(house: House, api: str) -> None:
    answer = await asked_http(house, api, "length")
    assert answer.choices[0].finish_reason == "length"


async def test_abort(house: House, api: str) -> None:
    """What was said stays, and the provider is hung up on."""
    async with house.connect() as client:
        key = key_of(api, "slow")
        run = await client.send_chat("word " * 200, key=key)
        await client.wait(lambda f: f.get("event") == "chat" and f["payload"].get("state") == "delta")
        await client.call("chat.abort", sessionKey=key, runId=run)
        end = await client.ended(run)
    assert end["state"] == "aborted"
    (seen,) = await asyncio.to_thread(house.fakes[api].requests, at_least=1, ended=True)
    assert seen["outcome"] == "client left"


@pytest.mark.parametrize(("model", "kind"), [("error-midway", "PROVIDER_DOWN"), ("cut", "PROVIDER_STREAM_CUT")])
async def test_error_mid_stream(house: House, api: str, model: str, kind: str) -> None:
    """What came before it was seen once; the failure is typed, and the session goes on."""
    async with house.connect() as client:
        run = await client.send_chat("hello", key=key_of(api, model))
        end = await client.ended(run)
        told = "".join(row.get("deltaText", "") for row in client.of_run(run, "chat"))
    assert (end["state"], end["errorDetail"]["providerRuntimeFailureKind"]) == ("error", kind)
    assert told.startswith("This answer")
    assert told.count("This answer") == 1
