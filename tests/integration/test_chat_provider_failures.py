"""A provider's failures from end to end: over WebSocket, HTTP and the command line each is clear and typed.

After every one of them the gateway goes on answering.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import openai
import pytest

from tests.integration.conftest import Station, agents_of_fake
from tests.support.fake_openai import FakeOpenAI, openai_in_process
from tests.support.gateway import GatewayProcess

COMMAND_LIMIT_S = 60.0


@dataclass(frozen=True)
class Failure:
    """An agent whose provider fails, and how each door tells it. `says` is in every one of them."""

    agent: str
    code: str
    kind: str
    status: int
    http_type: str
    says: str
    cure: str
    retry_after: str | None = None


AGAIN = "send the message again"
FAILURES = [
    Failure("fail-401", "PROVIDER_KEY_REJECTED", "unknown", 401, "authentication_error",
            "Authentication failed (provider returned HTTP 401).", "models.providers.fake.apiKey"),
    Failure("fail-429", "PROVIDER_RATE_LIMITED", "rate_limit", 429, "rate_limit_error",
            "Rate limit reached", "in 7 s", retry_after="7"),
    Failure("fail-429-no-hint", "PROVIDER_RATE_LIMITED", "rate_limit", 429, "rate_limit_error",
            "Rate limit reached", "in a moment"),
    Failure("fail-500", "PROVIDER_DOWN", "unknown", 502, "api_error", "The provider returned HTTP 500", AGAIN),
    Failure("fail-html", "PROVIDER_DOWN", "unknown", 502, "api_error", "The provider returned HTTP 502", AGAIN),
    Failure("fail-402", "PROVIDER_BILLING", "unknown", 402, "insufficient_quota", "billing error", "top up"),
    Failure("fail-context", "PROVIDER_CONTEXT_OVERFLOW", "context_length", 400, "invalid_request_error",
            "Context overflow", "/new"),
    Failure("hasty-stall", "PROVIDER_TIMEOUT", "timeout", 408, "api_error",
            "LLM request timed out.", "timeoutSeconds"),
    Failure("hasty-stall-midway", "PROVIDER_TIMEOUT", "timeout", 408, "api_error",
            "LLM request timed out.", "timeoutSeconds"),
    Failure("cut", "PROVIDER_STREAM_CUT", "timeout", 502, "api_error", "broke off before it was complete", AGAIN),
    Failure("error-midway", "PROVIDER_DOWN", "unknown", 502, "api_error", "The provider returned", AGAIN),
    Failure("bad-json", "PROVIDER_BAD_REPLY", "unknown", 502, "api_error", "fake/bad-json", ""),
]  # fmt: skip

# What an answer has when it fails after its first words.
MIDWAY = {"hasty-stall-midway": "This answer", "cut": "This answer", "error-midway": "This answer"}


@pytest.fixture(scope="module", params=["process", pytest.param("container", marks=pytest.mark.docker)])
def failing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    """A gateway before a fake provider, which is in this process and then in a container."""

    def run(fake: FakeOpenAI) -> Iterator[Station]:
        process = GatewayProcess(tmp_path_factory.mktemp("failing"), agents_of_fake(fake))
        try:
            yield Station(process.start(), fake)
        finally:
            process.kill()

    if request.param == "container":
        yield from run(request.getfixturevalue("fake_openai_container"))
        return
    with openai_in_process() as fake:
        yield from run(fake)


def named(failure: Failure) -> str:
    return failure.agent


async def goes_on(station: Station) -> None:
    """The gateway still answers over its socket."""
    async with station.connect() as client:
        end = await client.ended(await client.send_chat("still there?", key=f"agent:fake-1:{uuid.uuid4()}"))
    assert end["message"]["content"][0]["text"] == "You said: still there?"


@pytest.mark.parametrize("failure", FAILURES, ids=named)
async def test_over_a_socket_a_failure_ends_the_run_with_its_cause(failing: Station, failure: Failure) -> None:
    key = f"agent:{failure.agent}:{uuid.uuid4()}"
    async with failing.connect() as client:
        run = await client.send_chat("hello", key=key)
        end = await client.ended(run)
        lifecycle = [row["data"] for row in client.of_run(run, "agent") if row["stream"] == "lifecycle"][-1]
        deltas = "".join(row.get("deltaText", "") for row in client.of_run(run, "chat"))
        page = await client.call("chat.history", sessionKey=key)
        again = await client.call("chat.send", sessionKey=key, message="hello", idempotencyKey=run)
    assert (end["state"], end["errorKind"]) == ("error", failure.kind)
    assert failure.says in end["errorMessage"]
    assert failure.cure in end["errorMessage"]
    assert end["errorDetail"]["providerRuntimeFailureKind"] == failure.code
    assert end["errorDetail"]["provider"] in ("fake", "hasty")
    assert (lifecycle["phase"], lifecycle["code"]) == ("error", failure.code)
    assert deltas.startswith(MIDWAY.get(failure.agent, ""))
    assert page["messages"][0]["content"] == "hello"
    assert not page["sessionInfo"]["hasActiveRun"]
    assert again == {"runId": run, "status": "ok"}
    assert failing.fake.key not in json.dumps([end, page])
    await goes_on(failing)


@pytest.mark.parametrize("failure", FAILURES, ids=named)
async def test_over_http_a_failure_has_its_status_type_and_code(failing: Station, failure: Failure) -> None:
    settings: dict[str, Any] = {"base_url": f"{failing.gateway.url}/v1", "api_key": failing.gateway.token}
    async with openai.AsyncOpenAI(**settings, max_retries=0) as sdk:
        asked: dict[str, Any] = {
            "model": f"openclaw/{failure.agent}",
            "messages": [{"role": "user", "content": "hello"}],
        }
        with pytest.raises(openai.APIStatusError) as caught:
            await sdk.chat.completions.create(**asked)
        stream = await sdk.chat.completions.create(**asked, stream=True)
        said: list[str] = []
        with pytest.raises(openai.APIError) as in_stream:
            async for chunk in stream:
                said.append(chunk.choices[0].delta.content or "")
    error = caught.value
    assert (error.status_code, error.type, error.code) == (failure.status, failure.http_type, failure.code)
    assert failure.says in error.message
    assert failure.cure in error.message
    assert error.response.headers.get("retry-after") == failure.retry_after
    assert (in_stream.value.type, in_stream.value.code) == (failure.http_type, failure.code)
    assert failure.says in in_stream.value.message
    assert "".join(said).startswith(MIDWAY.get(failure.agent, ""))
    await goes_on(failing)


async def agent(station: Station, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "clawfleet", "agent", *words]
    return await asyncio.to_thread(
        subprocess.run,
        command,
        capture_output=True,
        text=True,
        env=station.gateway.env,
        cwd=station.gateway.home,
        timeout=COMMAND_LIMIT_S,
        check=False,
    )


@pytest.mark.parametrize("failure", FAILURES, ids=named)
async def test_the_command_line_says_it_on_stderr_and_ends_with_1(failing: Station, failure: Failure) -> None:
    done = await agent(failing, "--message", "hello", "--agent", failure.agent, "--session-key", str(uuid.uuid4()))
    assert (done.returncode, done.stdout.strip()) == (1, ""), done
    assert failure.says in done.stderr
    assert failure.cure in done.stderr
    assert "Traceback" not in done.stderr
    assert failing.fake.key not in done.stderr
    await goes_on(failing)


async def test_as_json_a_failure_is_one_document_on_stdout(failing: Station) -> None:
    done = await agent(failing, "--message", "hello", "--agent", "fail-429", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["ok"]) == (1, False)
    assert "Rate limit reached" in told["error"]["message"]


async def test_a_provider_that_is_not_there_is_told_from_one_that_fails(
    failing: Station, tmp_path_factory: pytest.TempPathFactory
) -> None:
    config = agents_of_fake(failing.fake)
    config["models"]["providers"]["fake"]["baseUrl"] = "http://127.0.0.1:9/v1"
    process = GatewayProcess(tmp_path_factory.mktemp("nobody"), config)
    try:
        nobody = Station(process.start(), failing.fake)
        async with nobody.connect() as client:
            end = await client.ended(await client.send_chat("hello", key="agent:fake-1:x"))
        assert end["state"] == "error"
        assert "Cannot reach http://127.0.0.1:9/v1" in end["errorMessage"]
        assert "models.providers.fake.baseUrl" in end["errorMessage"]
        async with nobody.connect() as client:
            assert (await client.ended(await client.send_chat("hello", key="agent:main:x")))["state"] == "final"
    finally:
        process.kill()


async def test_many_failures_at_once_leave_nothing_behind(failing: Station) -> None:
    """Every lane is free again, no run is left, and the next message is answered."""
    agents = ["fail-401", "fail-429", "fail-500", "cut", "error-midway", "bad-json"] * 5
    async with failing.connect() as client:
        runs = [await client.send_chat("hello", key=f"agent:{name}:crowd") for name in agents]
        ends = [await client.ended(run) for run in runs]
        status = await client.call("status")
    assert {end["state"] for end in ends} == {"error"}
    assert status["activeRuns"] == 0
    await goes_on(failing)
