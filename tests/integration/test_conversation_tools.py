"""The tools for conversations as a user meets them: a model calls them in turns of a real gateway."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Any

import openai

from tests.fakes.telegram.updates import private_text, user
from tests.support.fake_openai import FakeOpenAI
from tests.support.fake_telegram import TelegramControl
from tests.support.gateway import GatewayFactory, GatewayProcess

PNG = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
OPEN: dict[str, Any] = {"sessions": {"visibility": "all"}, "agentToAgent": {"enabled": True}}


def _gateway(
    gateway: GatewayFactory, fake: FakeOpenAI, telegram: TelegramControl | None = None, **tools: Any
) -> GatewayProcess:
    config: dict[str, Any] = {
        "gateway": {"http": {"endpoints": {"chatCompletions": {"enabled": True}}}},
        "models": {"providers": {"fake": fake.provider("fake-1")}},
        "agents": {"defaults": {"model": "fake/fake-1"}, "entries": {"main": {"default": True}, "coder": {}}},
        "tools": tools,
    }
    if telegram is not None:
        config["channels"] = {"telegram": telegram.channel(dmPolicy="open", allowFrom=["*"])}
    return gateway(config)


def _turn(
    running: GatewayProcess, fake: FakeOpenAI, tool: str, *then: dict[str, Any], **arguments: Any
) -> dict[str, Any]:
    """The result that the model is given for one call; `then` is what models say after the call."""
    fake.reset()
    fake.script(
        {"tool": tool, "arguments": json.dumps(arguments, indent=1) if arguments else "{ }"}, *then, {"text": "done"}
    )
    with openai.OpenAI(base_url=f"{running.url}/v1", api_key=running.token, max_retries=0, timeout=60) as client:
        client.chat.completions.create(model="openclaw", user="me", messages=[{"role": "user", "content": "go"}])
    last = fake.requests()[-1]["body"]
    told = [row["content"] for row in last["messages"] if row["role"] == "tool"][-1]
    found: dict[str, Any] = json.loads(told) if str(told).startswith("{") else {"text": told, "tools": _names(last)}
    return found


def _names(body: dict[str, Any]) -> set[str]:
    return {row["function"]["name"] for row in body["tools"]}


def test_an_agent_asks_another_and_reads_what_was_said(gateway: GatewayFactory, fake_openai: FakeOpenAI) -> None:
    """sessions_send runs a turn of the other agent and brings its answer; then its session is listed and read."""
    running = _gateway(gateway, fake_openai, **OPEN)
    asked = _turn(running, fake_openai, "sessions_send", {"text": "forty-two"}, agentId="coder", message="how many?")
    assert (asked["status"], asked["reply"], asked["sessionKey"]) == ("ok", "forty-two", "agent:coder:main")
    listed = _turn(running, fake_openai, "sessions_list", messageLimit=1)
    rows = {row["key"]: row for row in listed["sessions"]}
    assert rows["agent:coder:main"]["messages"][0]["content"] == "forty-two"
    read = _turn(running, fake_openai, "sessions_history", sessionKey="agent:coder:main")
    assert read["messages"][0]["content"].endswith("how many?")
    assert read["messages"][0]["content"].startswith("[Inter-session message from agent:main:openai-user:me")
    agents = _turn(running, fake_openai, "agents_list")
    assert [row["id"] for row in agents["agents"]] == ["main", "coder"]


def test_agents_are_kept_apart_by_default(gateway: GatewayFactory, fake_openai: FakeOpenAI) -> None:
    """The refusal names the key that opens it; without a channel there is no message tool."""
    running = _gateway(gateway, fake_openai)
    refused = _turn(running, fake_openai, "sessions_send", agentId="coder", message="hi")
    assert "out of reach" in refused["text"]
    assert "tools.sessions.visibility=tree" in refused["text"]
    assert {"sessions_send", "sessions_list", "session_status"} <= refused["tools"]
    assert "message" not in refused["tools"]
    card = _turn(running, fake_openai, "session_status")["text"]
    assert "Model: fake/fake-1" in card
    assert "openai-user:me" in card


def test_an_agent_writes_to_chats(
    gateway: GatewayFactory, fake_openai: FakeOpenAI, fake_telegram: TelegramControl
) -> None:
    """To one that is named, and to its own; NO_REPLY keeps the answer from coming twice."""
    running = _gateway(gateway, fake_openai, fake_telegram)
    fake_telegram.add_chat({"id": 99, "type": "private"})
    sent = _turn(running, fake_openai, "message", action="send", to="telegram:99", message="**hello** there")
    assert (sent["channel"], sent["payload"]["ok"]) == ("telegram", True)
    (message,) = fake_telegram.sent(at_least=1)
    assert (message["chat_id"], message["text"]) == (99, "hello there")

    fake_openai.reset()
    fake_openai.script(
        {"tool": "message", "arguments": json.dumps({"action": "send", "message": "here you are"})},
        {"text": "NO_REPLY"},
    )
    update = fake_telegram.inject(private_text("send me something", user(42, "u42")))
    fake_telegram.state(confirmed=update["update_id"])
    messages = fake_telegram.sent(at_least=2)
    fake_openai.requests(at_least=2, ended=True)
    assert [(each["chat_id"], each["text"]) for each in messages[1:]] == [(42, "here you are")]
    running.stop()
    assert len(fake_telegram.sent()) == 2


def test_a_model_looks_at_a_picture(gateway: GatewayFactory, fake_openai: FakeOpenAI) -> None:
    """A model that sees gets the picture itself with its next request; one that does not is offered no view_image."""
    provider = fake_openai.provider("fake-vision", "fake-1")
    provider["models"][0]["input"] = ["text", "image"]
    running = gateway(
        {
            "gateway": {"http": {"endpoints": {"chatCompletions": {"enabled": True}}}},
            "models": {"providers": {"fake": provider}},
            "agents": {
                "defaults": {"model": "fake/fake-vision"},
                "entries": {"main": {}, "dark": {"model": "fake/fake-1"}},
            },
        }
    )
    workspace = running.state_dir / "workspace"
    workspace.mkdir(exist_ok=True)
    (workspace / "cat.png").write_bytes(PNG)
    told = _turn(running, fake_openai, "view_image", path="cat.png")
    assert told["text"] == "[image/png] cat.png"
    parts = fake_openai.requests()[-1]["body"]["messages"][-1]["content"]
    assert [part["image_url"]["url"] for part in parts if part["type"] == "image_url"] == [
        f"data:image/png;base64,{b64encode(PNG).decode()}"
    ]
    with openai.OpenAI(base_url=f"{running.url}/v1", api_key=running.token, max_retries=0, timeout=60) as client:
        client.chat.completions.create(model="openclaw/dark", messages=[{"role": "user", "content": "go"}])
    assert "view_image" not in _names(fake_openai.requests()[-1]["body"])
