"""Commands that wait for a person's yes: over the socket, by the command line, in a chat; and who may not give it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.telegram.updates import private_text, user
from tests.support.device import DeviceKey
from tests.support.fake_openai import FakeOpenAI
from tests.support.fake_telegram import TelegramControl
from tests.support.gateway import GatewayFactory, GatewayProcess
from tests.support.protocol_client import ProtocolClient, connected

Start = Callable[..., GatewayProcess]
PAGE = {"caps": ["approvals", "exec-approvals"]}
"""What the Control UI says it can do."""


@pytest.fixture
def start(gateway: GatewayFactory, fake_openai: FakeOpenAI) -> Start:
    """A gateway whose agent has its commands asked for: `start(ask="always")`."""

    def run(channels: dict[str, Any] | None = None, owners: tuple[str, ...] = (), **execution: Any) -> GatewayProcess:
        return gateway(
            {
                "models": {"providers": {"fake": fake_openai.provider("fake-1")}},
                "agents": {"defaults": {"model": "fake/fake-1"}},
                "tools": {"exec": execution},
                "commands": {"ownerAllowFrom": list(owners)},
                **({"channels": channels} if channels else {}),
            }
        )

    return run


def openclaw(running: GatewayProcess, *args: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "clawfleet", *args]
    return subprocess.run(line, env=running.env, capture_output=True, text=True, timeout=60, check=False)


def scripted(fake: FakeOpenAI, command: str) -> None:
    """The model calls exec, and then says what it was told."""
    fake.reset()
    fake.script({"tool": "exec", "arguments": json.dumps({"command": command})}, {"like": "fake-tool"})


def told(fake: FakeOpenAI) -> str:
    """The result of the call, as the model was given it."""
    return str([row for row in fake.requests()[-1]["body"]["messages"] if row["role"] == "tool"][-1]["content"])


async def asked_for(client: ProtocolClient, since: int) -> dict[str, Any]:
    frame = await client.wait(lambda f: f.get("event") == "exec.approval.requested", since=since)
    payload: dict[str, Any] = frame["payload"]
    return payload


async def test_a_page_says_yes_and_no(start: Start, fake_openai: FakeOpenAI) -> None:
    """The command waits for the answer and the turn goes on with it."""
    running = start(ask="always")
    async with connected(running.ws_url, running.token, **PAGE) as page:
        for decision, expected in (("allow-once", "said-42"), ("deny", "user-denied): echo said-$((6*7))")):
            scripted(fake_openai, "echo said-$((6*7))")
            since = len(page.frames)
            run = await page.send_chat("go")
            asked = await asked_for(page, since)
            assert asked["request"]["command"] == "echo said-$((6*7))"
            assert asked["request"]["turnSourceChannel"] == "webchat"
            assert len(fake_openai.requests()) == 1  # it waits
            await page.call("exec.approval.resolve", id=asked["id"], decision=decision)
            await page.ended(run)
            assert expected in told(fake_openai)
        await page.wait(lambda f: f.get("event") == "exec.approval.resolved")


async def test_the_command_line_says_always_and_it_is_remembered(start: Start, fake_openai: FakeOpenAI) -> None:
    """The very same command runs unasked from then on, another one does not."""
    running = start(mode="ask")
    async with connected(running.ws_url, running.token, **PAGE) as page:
        scripted(fake_openai, "uname -s")
        since = len(page.frames)
        run = await page.send_chat("go")
        await asked_for(page, since)
        (waiting,) = json.loads(openclaw(running, "approvals", "pending", "--json").stdout)["approvals"]
        assert waiting["summary"] == "uname -s"
        done = openclaw(running, "exec-approvals", "resolve", waiting["id"], "allow-always")
        assert done.returncode == 0, done.stderr
        await page.ended(run)
        assert told(fake_openai) == "Linux"
        again = openclaw(running, "approvals", "resolve", waiting["id"], "allow-always")
        assert "already resolved, same decision" in again.stdout
        assert openclaw(running, "approvals", "resolve", waiting["id"], "deny").returncode == 1

        scripted(fake_openai, "uname -s")
        await page.ended(await page.send_chat("go"))
        assert told(fake_openai) == "Linux"
        kept = json.loads(openclaw(running, "approvals", "get", "--json").stdout)["file"]["agents"]["main"]["allowlist"]
        assert [(entry["commandText"], entry["source"]) for entry in kept] == [("uname -s", "allow-always")]

        scripted(fake_openai, "uname -a")
        since = len(page.frames)
        run = await page.send_chat("go")
        other = await asked_for(page, since)
        assert openclaw(running, "approvals", "resolve", other["id"], "deny").returncode == 0
        await page.ended(run)
        assert "user-denied): uname -a" in told(fake_openai)


async def test_a_command_in_the_very_session_that_waits(start: Start, fake_openai: FakeOpenAI) -> None:
    """`/approve` is heard at once, not behind the turn; the transcript stays whole."""
    running = start(ask="always")
    async with connected(running.ws_url, running.token, **PAGE) as page:
        scripted(fake_openai, "echo said-$((6*7))")
        since = len(page.frames)
        run = await page.send_chat("go")
        asked = await asked_for(page, since)
        answered = await page.ended(await page.send_chat(f"/approve {asked['id']} allow-once"))
        assert answered["message"]["content"][0]["text"].startswith("✅ Approval allow-once submitted")
        await page.ended(run)
        assert told(fake_openai) == "said-42"
        fake_openai.reset()
        await page.ended(await page.send_chat("and now?"))
        roles = [row["role"] for row in fake_openai.requests()[-1]["body"]["messages"]]
        assert roles == ["system", "user", "assistant", "tool", "assistant", "user"]
        page_now = await page.call("chat.history", sessionKey="main")
        assert any("/approve" in json.dumps(row) for row in page_now["messages"])


async def test_other_devices_need_the_scope(start: Start, fake_openai: FakeOpenAI) -> None:
    """A device that may write but not approve is refused, by method and by command."""
    running = start(ask="always")
    async with (
        connected(running.ws_url, running.token, **PAGE) as page,
        connected(
            running.ws_url,
            running.token,
            key=DeviceKey("guest"),
            scopes=["operator.read", "operator.write"],
            caps=["approvals"],
        ) as guest,
    ):
        scripted(fake_openai, "echo secret")
        since = len(page.frames)
        run = await page.send_chat("go")
        asked = await asked_for(page, since)
        refused = await guest.request("exec.approval.resolve", {"id": asked["id"], "decision": "allow-once"})
        assert refused["ok"] is False and "operator.approvals" in json.dumps(refused["error"])
        said = await guest.ended(await guest.send_chat(f"/approve {asked['id']} allow-once", key="agent:main:guest"))
        assert said["message"]["content"][0]["text"].startswith("⚠️ You may not answer approvals")
        assert not guest.of("exec.approval.requested")
        assert [row["id"] for row in await page.call("exec.approval.list")] == [asked["id"]]
        await page.call("exec.approval.resolve", id=asked["id"], decision="deny")
        await page.ended(run)


async def test_with_nobody_who_could_answer_it_is_denied_at_once(start: Start, fake_openai: FakeOpenAI) -> None:
    running = start(ask="always")
    async with connected(running.ws_url, running.token) as plain:
        scripted(fake_openai, "echo never")
        await plain.ended(await plain.send_chat("go"))
    text = told(fake_openai)
    assert text.startswith("exec denied: Headless runs cannot wait for interactive exec approval.")
    assert "security=full ask=always" in text


async def test_time_over_is_no(start: Start) -> None:
    running = start()
    async with (
        connected(running.ws_url, running.token, **PAGE) as page,
        connected(running.ws_url, running.token) as asker,
    ):
        begun = await asker.call("exec.approval.request", command="ls", twoPhase=True, timeoutMs=50)
        over = await asker.call("exec.approval.waitDecision", id=begun["id"])
        assert (over["decision"], over["terminalReason"]) == (None, "timeout")
        late = await page.request("exec.approval.resolve", {"id": begun["id"], "decision": "allow-once"})
        assert late["error"]["message"] == "unknown or expired approval id"


def test_an_owner_is_asked_in_the_chat_and_answers_there(
    start: Start, fake_openai: FakeOpenAI, fake_telegram: TelegramControl
) -> None:
    """No page is open: the question comes to the chat the command came from, with the answers to copy."""
    channel = fake_telegram.channel(dmPolicy="allowlist", allowFrom=["42", "43"])
    start({"telegram": channel}, ("telegram:42",), ask="always")
    scripted(fake_openai, "echo said-$((6*7))")
    fake_telegram.inject(private_text("go", user(42, "al")))
    question = fake_telegram.sent(at_least=1)[0]["text"]
    assert "echo said-$((6*7))" in question
    answer = next(line for line in question.splitlines() if line.startswith("/approve") and "allow-once" in line)
    fake_telegram.inject(private_text(answer, user(43, "guest")))
    assert "You may not answer approvals" in fake_telegram.sent(at_least=2)[1]["text"]
    fake_telegram.inject(private_text(answer, user(42, "al")))
    texts = {row["text"] for row in fake_telegram.sent(at_least=4)[2:]}
    assert any(text.startswith("✅ Approval allow-once submitted") for text in texts)
    assert any("said-42" in text for text in texts)

    scripted(fake_openai, "echo never")
    fake_telegram.inject(private_text("go", user(43, "guest")))
    fake_telegram.sent(at_least=5)
    assert "Headless runs cannot wait" in told(fake_openai)
