"""Subagents as a user meets them: a model spawns one in a real gateway, and its result comes back."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import openai

from tests.fakes.telegram.updates import private_text, user
from tests.support.fake_openai import FakeOpenAI
from tests.support.fake_telegram import TelegramControl
from tests.support.gateway import GatewayFactory, GatewayProcess


def _config(fake: FakeOpenAI, **more: Any) -> dict[str, Any]:
    return {
        "gateway": {"http": {"endpoints": {"chatCompletions": {"enabled": True}}}},
        "models": {"providers": {"fake": fake.provider("fake-1")}},
        "agents": {
            "defaults": {"model": "fake/fake-1", "subagents": {"allowAgents": ["*"]}},
            "entries": {"main": {"default": True}, "coding": {}},
        },
        **more,
    }


def _say(running: GatewayProcess, text: str) -> None:
    with openai.OpenAI(base_url=f"{running.url}/v1", api_key=running.token, max_retries=0, timeout=60) as client:
        client.chat.completions.create(model="openclaw", user="me", messages=[{"role": "user", "content": text}])


def _last_user(body: dict[str, Any]) -> str:
    content = [row["content"] for row in body["messages"] if row["role"] == "user"][-1]
    return content if isinstance(content, str) else " ".join(str(part.get("text", "")) for part in content)


def _until(find: Callable[[], Any], limit_s: float = 60.0) -> Any:
    deadline = time.monotonic() + limit_s
    while not (found := find()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
    return found


def _request(fake: FakeOpenAI, words: str) -> Callable[[], dict[str, Any] | None]:
    """The first request whose last user message holds `words`."""

    def find() -> dict[str, Any] | None:
        return next((row["body"] for row in fake.requests() if words in _last_user(row["body"])), None)

    return find


def test_a_model_spawns_and_the_result_comes_back(gateway: GatewayFactory, fake_openai: FakeOpenAI) -> None:
    """The child has neither message tools nor, at its depth, more children; the parent reads what it said."""
    running = gateway(_config(fake_openai))
    fake_openai.script(
        {"tool": "sessions_spawn", "arguments": json.dumps({"task": "say forty-two", "agentId": "coding"})}
    )
    _say(running, "go")
    child = _until(_request(fake_openai, "[Subagent Task]"))
    names = {row["function"]["name"] for row in child["tools"]}
    assert "exec" in names
    assert not names & {"message", "sessions_send", "sessions_spawn", "subagents", "agents_list", "session_status"}
    told = _until(_request(fake_openai, "a subagent has ended"))
    text = _last_user(told)
    assert "status: completed successfully" in text
    assert "say forty-two" in text.partition("<prompt-data>")[2]
    receipt = json.loads(next(row["content"] for row in told["messages"] if row["role"] == "tool"))
    assert (receipt["status"], receipt["mode"]) == ("accepted", "run")
    assert receipt["childSessionKey"].startswith("agent:coding:subagent:")


def test_a_person_on_a_channel_spawns(
    gateway: GatewayFactory, fake_openai: FakeOpenAI, fake_telegram: TelegramControl
) -> None:
    """The seeds' command: an answer at once, later one message with the result; a killed gateway tells it after all."""
    running = gateway(
        _config(fake_openai, channels={"telegram": fake_telegram.channel(dmPolicy="open", allowFrom=["*"])})
    )
    fake_openai.script({"text": "hi from below"}, {"text": "The subagent said hi."})
    fake_telegram.inject(private_text("/subagents spawn coding SAY hi", user(42, "u42")))
    first, second = fake_telegram.sent(at_least=2)
    assert first["text"].startswith("🚀 Subagent started")
    assert second["text"] == "The subagent said hi."

    fake_openai.script({"text": "one two three four", "piece_ms": 20_000})
    before = len(fake_openai.requests())
    fake_telegram.inject(private_text("/subagents spawn coding WAIT", user(42, "u42")))
    fake_openai.requests(at_least=before + 1)
    fake_telegram.sent(at_least=3)
    running.kill()
    fake_openai.script({"text": "It was lost."})
    running.start()
    # what the killed gateway may have sent without noting it comes again
    _until(lambda: "It was lost." in [each["text"] for each in fake_telegram.sent()])
