"""Telegram as people meet it: a real gateway process, the command line beside it, a Bot API on real sockets."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.telegram.updates import group_text, private_text, user
from tests.support.fake_openai import FakeOpenAI
from tests.support.fake_telegram import TelegramControl
from tests.support.gateway import GatewayFactory, GatewayProcess

Start = Callable[..., GatewayProcess]
LIMIT_S = 60


@pytest.fixture
def start(gateway: GatewayFactory, fake_openai: FakeOpenAI, fake_telegram: TelegramControl) -> Start:
    """A gateway whose bot and whose model are fakes: `start(dmPolicy="open", allowFrom=["*"])`."""

    def run(**telegram: Any) -> GatewayProcess:
        return gateway(
            {
                "models": {"providers": {"fake": fake_openai.provider()}},
                "agents": {"defaults": {"model": "fake/fake-1"}},
                "channels": {"telegram": fake_telegram.channel(**telegram)},
            }
        )

    return run


def openclaw(running: GatewayProcess, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "clawfleet", *args]
    return subprocess.run(
        command, env=running.env, cwd=running.home, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )


def say(fake: TelegramControl, text: str, *, sender: int = 42) -> int:
    """A direct message; its update id."""
    return int(fake.inject(private_text(text, user(sender, f"u{sender}")))["update_id"])


def texts(fake: TelegramControl, *, at_least: int) -> list[str]:
    return [message["text"] for message in fake.sent(at_least=at_least)]


def everything_written(running: GatewayProcess) -> str:
    """All that the gateway logged: on its terminal and in its files."""
    files = [path for path in running.home.rglob("*.log") if path.is_file()]
    return running.log() + "".join(path.read_text(encoding="utf-8", errors="replace") for path in files)


def test_a_stranger_asks_is_approved_and_is_answered(
    start: Start, fake_telegram: TelegramControl, fake_openai: FakeOpenAI
) -> None:
    """One pairing reply and no model call; approval without a restart; then the answer in the same chat."""
    running = start()
    say(fake_telegram, "hello?")
    fake_telegram.state(confirmed=say(fake_telegram, "anybody?"))
    (reply,) = fake_telegram.sent(at_least=1)
    assert reply["chat_id"] == 42
    assert reply["text"].startswith("OpenClaw: access not configured.\n\nYour Telegram user id: 42\nPairing code:\n")
    assert [entity["type"] for entity in reply["entities"]] == ["pre", "pre"]
    found = re.search(r"openclaw pairing approve telegram ([A-HJ-NP-Z2-9]{8})$", reply["text"])
    assert found is not None
    assert fake_openai.requests() == []

    listed = json.loads(openclaw(running, "pairing", "list", "telegram", "--json").stdout)
    assert [(row["id"], row["code"], row["meta"]["username"]) for row in listed["requests"]] == [
        ("42", found[1], "u42")
    ]
    approved = openclaw(running, "pairing", "approve", "telegram", found[1].lower())
    assert approved.stdout == (
        "Approved telegram sender 42.\nCommand owner configured telegram:42 (commands.ownerAllowFrom was empty).\n"
    )
    assert json.loads(running.config_path.read_text())["commands"]["ownerAllowFrom"] == ["telegram:42"]

    fake_openai.script({"piece_ms": 100})  # long enough that somebody would see it typing
    say(fake_telegram, "remember 41")
    assert texts(fake_telegram, at_least=2)[1:] == ["You said: remember 41"]
    assert fake_telegram.sent()[1]["chat_id"] == 42
    assert {call["params"]["action"] for call in fake_telegram.calls("sendChatAction", at_least=1)} == {"typing"}
    assert len(fake_openai.requests()) == 1
    assert fake_telegram.token not in everything_written(running)


def test_approval_holds_over_a_restart(start: Start, fake_telegram: TelegramControl) -> None:
    running = start()
    say(fake_telegram, "hello?")
    code = texts(fake_telegram, at_least=1)[0][-8:]
    assert running.stop() == 0
    assert openclaw(running, "pairing", "approve", code).returncode == 0
    running.start()
    say(fake_telegram, "hello again")
    assert texts(fake_telegram, at_least=2)[1] == "You said: hello again"


def test_four_strangers_get_three_codes(start: Start, fake_telegram: TelegramControl) -> None:
    running = start()
    for sender in (1, 2, 3):
        say(fake_telegram, "hi", sender=sender)
    fake_telegram.state(confirmed=say(fake_telegram, "hi", sender=4))
    assert [message["chat_id"] for message in fake_telegram.sent()] == [1, 2, 3]
    assert "Pairing requests (3)" in openclaw(running, "pairing", "list").stdout


@pytest.mark.parametrize(
    ("telegram", "answered"),
    [
        ({"dmPolicy": "allowlist", "allowFrom": ["tg:42"]}, True),
        ({"dmPolicy": "open", "allowFrom": ["*"]}, True),
        ({"dmPolicy": "open", "allowFrom": ["7"]}, False),
        ({"dmPolicy": "disabled", "allowFrom": ["42"]}, False),
    ],
)
def test_a_policy_answers_those_it_admits_and_is_silent_to_all_others(
    start: Start, fake_telegram: TelegramControl, fake_openai: FakeOpenAI, telegram: dict[str, Any], answered: bool
) -> None:
    start(**telegram)
    update = say(fake_telegram, "hi")
    if answered:
        assert texts(fake_telegram, at_least=1) == ["You said: hi"]
        return
    fake_telegram.state(confirmed=update)
    assert (fake_telegram.sent(), fake_openai.requests()) == ([], [])


def test_a_group_is_answered_only_when_allowed_and_mentioned(
    start: Start, fake_telegram: TelegramControl, fake_openai: FakeOpenAI
) -> None:
    start(groupAllowFrom=["42"])
    fake_telegram.inject(group_text("just talking"))
    fake_telegram.inject(group_text("@fake_1001_bot from a stranger", user(43, "eve")))
    fake_telegram.inject(group_text("@fake_1001_bot hello"))
    (message,) = fake_telegram.sent(at_least=1)
    assert (message["chat_id"], message["text"]) == (-1001234, "You said: @fake_1001_bot hello")
    assert len(fake_openai.requests()) == 1


def test_a_message_survives_a_kill_between_receipt_and_reply_and_is_answered_once(
    start: Start, fake_telegram: TelegramControl, fake_openai: FakeOpenAI
) -> None:
    running = start(dmPolicy="open", allowFrom=["*"])
    fake_openai.script({"like": "stall"})
    update = say(fake_telegram, "do not lose me")
    fake_openai.requests(at_least=1)
    fake_telegram.state(confirmed=update)  # Telegram will not send it again: only our own store has it
    running.kill()
    assert fake_telegram.sent() == []
    running.start()
    assert texts(fake_telegram, at_least=1) == ["You said: do not lose me"]
    say(fake_telegram, "and now?")
    assert texts(fake_telegram, at_least=2) == ["You said: do not lose me", "You said: and now?"]


def test_a_reply_that_could_not_be_sent_before_a_kill_is_sent_after_it(
    start: Start, fake_telegram: TelegramControl, fake_openai: FakeOpenAI
) -> None:
    running = start(dmPolicy="open", allowFrom=["*"])
    fake_telegram.fail(*[{"method": "sendMessage", "status": 502}] * 3)
    say(fake_telegram, "hello")
    fake_telegram.calls("sendMessage", at_least=3)
    running.kill()
    running.start()
    assert texts(fake_telegram, at_least=1) == ["You said: hello"]
    assert len(fake_openai.requests()) == 1


def test_a_message_that_telegram_sends_ten_times_is_answered_once(
    start: Start, fake_telegram: TelegramControl, fake_openai: FakeOpenAI
) -> None:
    start(dmPolicy="open", allowFrom=["*"])
    message = fake_telegram.inject(private_text("once"))["message"]
    for _ in range(9):
        fake_telegram.inject({"message": message})
    say(fake_telegram, "last")
    assert texts(fake_telegram, at_least=2) == ["You said: once", "You said: last"]
    assert len(fake_openai.requests()) == 2


def test_a_limited_send_waits_as_told_and_a_refused_markup_arrives_plain(
    start: Start, fake_telegram: TelegramControl
) -> None:
    start(dmPolicy="open", allowFrom=["*"])
    fake_telegram.fail(
        {"method": "sendMessage", "status": 429, "retry_after": 1},
        {"method": "sendMessage", "status": 400, "description": "Bad Request: can't parse entities: oops"},
    )
    say(fake_telegram, "**hi**")
    (message,) = fake_telegram.sent(at_least=1)
    assert (message["text"], message["parse_mode"]) == ("You said: hi", "")
    assert [call["status"] for call in fake_telegram.calls("sendMessage")] == [429, 400, 200]


def test_a_long_answer_arrives_in_parts_in_order(
    start: Start, fake_telegram: TelegramControl, fake_openai: FakeOpenAI
) -> None:
    start(dmPolicy="open", allowFrom=["*"])
    code = "\n".join(f"print({number})  # 😀 < & >" for number in range(300))
    fake_openai.script({"text": f"Look:\n\n```python\n{code}\n```\n\nThat was **it**.", "pieces": "whole"})
    say(fake_telegram, "explain")
    fake_telegram.calls("sendMessage", at_least=2)
    running_texts = texts(fake_telegram, at_least=3)
    assert re.findall(r"print\(\d+\)  # 😀 < & >", "\n".join(running_texts)) == code.split("\n")
    assert all(len(message["source"].encode("utf-16-le")) <= 8000 for message in fake_telegram.sent())


def test_a_chat_sees_thoughts_and_tools_before_the_answer_when_it_wants_to(
    start: Start, fake_telegram: TelegramControl, fake_openai: FakeOpenAI
) -> None:
    start(dmPolicy="open", allowFrom=["*"])
    say(fake_telegram, "/verbose full")
    say(fake_telegram, "/reasoning on")
    fake_telegram.sent(at_least=2)
    fake_openai.script({"like": "fake-think-tool", "arguments": '{"command":"echo seen"}'}, {"text": "There it is."})
    say(fake_telegram, "look")
    assert texts(fake_telegram, at_least=6)[2:] == [
        "Thinking\n\nI must look.",
        "🛠️ Exec: echo seen",
        "🛠️ Exec result\nseen",
        "There it is.",
    ]


def test_status_tells_of_a_healthy_bot_and_of_a_second_poller(start: Start, fake_telegram: TelegramControl) -> None:
    running = start()
    fake_telegram.calls("getUpdates", at_least=2)
    healthy = openclaw(running, "channels", "status", "--probe").stdout
    assert "Gateway reachable." in healthy
    assert re.search(r"^- Telegram default: enabled, configured, running, connected, .*works$", healthy, re.MULTILINE)
    assert "bot:@fake_1001_bot, token:***" in healthy

    polls = len(fake_telegram.calls("getUpdates"))
    fake_telegram.fail(*[{"method": "getUpdates", "status": 409}] * 30)
    say(fake_telegram, "wake up")
    fake_telegram.calls("getUpdates", at_least=polls + 2)  # the second refusal is asked for after the first was told
    row = json.loads(openclaw(running, "channels", "status", "--json").stdout)["channelAccounts"]["telegram"][0]
    assert "another poller uses the token" in row["lastError"]
    assert fake_telegram.token not in everything_written(running)


def test_a_wrong_token_leaves_the_gateway_running_and_says_what_to_do(start: Start) -> None:
    running = start(botToken="999:quite-secret-token")
    done = openclaw(running, "channels", "status", "--probe")
    assert done.returncode == 0
    assert "probe failed" in done.stdout and "does not accept the token" in done.stdout
    assert "quite-secret-token" not in done.stdout + done.stderr + everything_written(running)


def test_a_gateway_without_channels_loads_no_channel_library() -> None:
    code = "import sys, clawfleet.runtime.gateway; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"telegram", "httpx", "markdown_it"}.isdisjoint(loaded)


@pytest.mark.docker
def test_the_bot_api_in_a_container_of_its_own(
    gateway: GatewayFactory, fake_telegram_container: TelegramControl
) -> None:
    """The same over a real network, with the built-in model: a stranger, an approval, an answer."""
    fake_telegram_container.reset()
    running = gateway({"channels": {"telegram": fake_telegram_container.channel()}})
    say(fake_telegram_container, "hello?")
    code = texts(fake_telegram_container, at_least=1)[0][-8:]
    assert openclaw(running, "pairing", "approve", "telegram", code, "--notify").returncode == 0
    say(fake_telegram_container, "a word")
    _, welcome, answer = texts(fake_telegram_container, at_least=3)
    assert welcome == "✅ OpenClaw access approved. Send a message to start chatting."
    assert "a word" in answer
