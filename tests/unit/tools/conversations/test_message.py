"""message as a model meets it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from clawfleet.tools.conversations.failures import NotSent
from clawfleet.tools.conversations.message import MessageTool
from clawfleet.tools.desk import Chat, Letter, Route
from clawfleet.tools.failures import BadArguments
from tests.support.desk import CONTEXT, FakeDesk
from tests.unit.tools.test_registry import toolbox

BOT, SECOND, OTHER = Route("telegram", "default"), Route("telegram", "second"), Route("discord", "default")


async def send(desk: FakeDesk, *routes: Route, **arguments: object) -> dict[str, Any]:
    desk.open_routes = routes or (BOT,)
    tool = MessageTool(desk, desk.routes())
    result = await tool.run(CONTEXT, {"action": "send", "message": "hi", **arguments})
    told: dict[str, Any] = json.loads(result.text)
    return told


async def test_a_text_goes_out(desk: FakeDesk) -> None:
    told = await send(desk, target="42", replyTo="7", threadId="9")
    assert desk.sent == [Letter(BOT, "42", "hi", "9", "7")]
    assert (told["action"], told["dryRun"], told["handledBy"]) == ("send", False, "core")
    assert told["payload"] == {
        "channel": "telegram",
        "accountId": "default",
        "chatId": "42",
        "threadId": "9",
        "ok": True,
        "messageId": "m1",
    }


async def test_a_dry_run_sends_nothing(desk: FakeDesk) -> None:
    told = await send(desk, to="telegram:42", dryRun=True)
    assert (desk.sent, told["dryRun"], told["chatId"]) == ([], True, "42")


@pytest.mark.parametrize(
    ("target", "chat", "topic"),
    [("42", "42", None), ("tg:42", "42", None), ("telegram:-100:topic:7", "-100", "7"), ("@name", "@name", None)],
)
async def test_targets(desk: FakeDesk, target: str, chat: str, topic: str | None) -> None:
    await send(desk, target=target)
    assert (desk.sent[0].to, desk.sent[0].thread_id) == (chat, topic)


async def test_the_chat_of_this_conversation_is_the_default(desk: FakeDesk) -> None:
    """Its account too, also when another chat is named."""
    desk.chats["run-1"] = Chat(SECOND, "42", "3")
    await send(desk, BOT, SECOND)
    await send(desk, BOT, SECOND, OTHER, target="43")
    await send(desk, BOT, SECOND, OTHER, target="44", channel="discord")
    assert desk.sent == [Letter(SECOND, "42", "hi", "3"), Letter(SECOND, "43", "hi"), Letter(OTHER, "44", "hi")]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "needs a target"),
        ({"target": "42"}, "needs a channel: telegram, discord"),
        ({"target": "42", "channel": "slack"}, "slack is not set up"),
        ({"target": "42", "channel": "telegram", "accountId": "third"}, "No account of telegram is named third"),
        ({"target": "telegram:42", "channel": "discord"}, "is on telegram, not on discord"),
        ({"target": "0", "channel": "telegram"}, "Not sent: chat not found"),
    ],
)
async def test_what_cannot_go_out_says_why(desk: FakeDesk, arguments: dict[str, object], words: str) -> None:
    with pytest.raises(NotSent, match=words):
        await send(desk, BOT, OTHER, **arguments)


async def test_several_chats_are_told_one_by_one(desk: FakeDesk) -> None:
    """One refusal does not hide what went out."""
    told = await send(desk, targets=["1", "0", "2"])
    assert [row["ok"] for row in told["results"]] == [True, False, True]
    assert told["results"][1]["error"] == "chat not found"


@pytest.mark.parametrize("arguments", [{"message": " "}, {"action": "react"}, {"media": "/etc/passwd"}])
async def test_what_no_channel_can_do_is_refused(desk: FakeDesk, arguments: dict[str, object]) -> None:
    with pytest.raises(BadArguments):
        await send(desk, target="42", **arguments)


def test_it_is_offered_where_something_can_go_out(tmp_path: Path, desk: FakeDesk) -> None:
    """And the other tools where there is a desk."""
    box = toolbox(tmp_path)
    assert not {"message", "sessions_list"} & set(box.offered("main", "agent:main:main"))
    box.desk = desk
    offered = set(box.offered("main", "agent:main:main"))
    assert {"sessions_list", "sessions_history", "sessions_send", "session_status", "agents_list"} <= offered
    assert "message" not in offered
    desk.open_routes = (BOT,)
    assert "message" in box.offered("main", "agent:main:main")
