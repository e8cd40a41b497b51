"""kill -9 in the middle of many chats: what was acknowledged is there after the restart, once."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.support.gateway import GatewayFactory, GatewayProcess
from tests.support.protocol_client import ProtocolClient, connected

CLIENTS = 2


@dataclass
class Chat:
    """One conversation: every message with its key, and which of them were acknowledged."""

    key: str
    sent: dict[str, str] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)

    async def go_on(self, client: ProtocolClient) -> None:
        """Send message after message, each once the one before is acknowledged, until the gateway is gone."""
        try:
            while True:
                run = str(uuid.uuid4())
                self.sent[run] = f"{self.key} says {run}"
                since = len(client.frames)
                await client.send_chat(self.sent[run], key=self.key, run=run)
                self.acknowledged.add(run)
                await client.ended(run, since=since, limit_s=60)
        except (ConnectionClosed, AssertionError):
            return


async def killed_in_the_middle(running: GatewayProcess, chats: list[Chat]) -> None:
    """All chats at once over a few sockets; the gateway dies once half of them had a first answer."""
    async with AsyncExitStack() as sockets:
        clients = [await sockets.enter_async_context(connected(running.ws_url, running.token)) for _ in range(CLIENTS)]
        talks = [asyncio.ensure_future(chat.go_on(clients[n % CLIENTS])) for n, chat in enumerate(chats)]
        async with asyncio.timeout(60):
            while sum(len(chat.acknowledged) for chat in chats) < 1.5 * len(chats):
                await asyncio.sleep(0.005)
        await asyncio.to_thread(running.kill)
        await asyncio.wait(talks, timeout=30)
    assert running.process.returncode == -9


async def history(client: ProtocolClient, chat: Chat) -> list[dict[str, Any]]:
    page = await client.call("chat.history", sessionKey=chat.key, limit=1000)
    rows: list[dict[str, Any]] = page["messages"]
    return rows


def users(rows: list[dict[str, Any]]) -> Counter[str]:
    return Counter(row["content"] for row in rows if row["role"] == "user")


def answers(rows: list[dict[str, Any]]) -> Counter[str]:
    """How many answers each run has; a row that only says why there is none is no answer."""
    said = [row for row in rows if row["role"] == "assistant" and "errorMessage" not in row]
    return Counter(row["__openclaw"]["runId"] for row in said)


async def check_kept_once(client: ProtocolClient, chats: list[Chat]) -> None:
    """Every acknowledged message is there, nothing twice, nothing that nobody sent, every run answered at most once."""
    for chat in chats:
        rows = await history(client, chat)
        said = users(rows)
        assert {chat.sent[run] for run in chat.acknowledged} <= set(said), f"{chat.key} lost a message"
        assert set(said) <= set(chat.sent.values())
        assert max(said.values(), default=0) <= 1, f"{chat.key} has a message twice"
        assert max(answers(rows).values(), default=0) <= 1, f"{chat.key} has an answer twice"
        assert [row["__openclaw"]["seq"] for row in rows] == list(range(1, len(rows) + 1))


async def unanswered(client: ProtocolClient, chats: list[Chat]) -> int:
    """How many of the messages that were acknowledged have no answer in history."""
    missing = 0
    for chat in chats:
        rows = await history(client, chat)
        missing += len(chat.acknowledged - set(answers(rows)))
    return missing


async def repeat_everything(client: ProtocolClient, chats: list[Chat]) -> None:
    """As clients do after a lost connection: every key again, acknowledged or not; then wait until all is answered."""
    room = asyncio.Semaphore(100)  # a socket may have 256 requests under way

    async def repeat(chat: Chat) -> None:
        for run, text in chat.sent.items():
            since = len(client.frames)
            async with room:
                sent = await client.call("chat.send", sessionKey=chat.key, message=text, idempotencyKey=run)
            assert sent["runId"] == run
            if sent["status"] == "started":
                await client.ended(run, since=since, limit_s=60)

    await asyncio.gather(*map(repeat, chats))


@pytest.mark.parametrize(("count", "word_ms"), [(50, 80), pytest.param(400, 100, marks=pytest.mark.full)])
async def test_every_acknowledged_message_survives_and_none_is_there_twice(
    gateway: GatewayFactory, count: int, word_ms: int
) -> None:
    at_once = {"agents": {"defaults": {"maxConcurrent": count}}}
    running = gateway(at_once, env={"CLAWFLEET_DEMO_WORD_DELAY_MS": str(word_ms)})
    chats = [Chat(f"agent:main:chat-{number}") for number in range(count)]
    await killed_in_the_middle(running, chats)
    running.start()
    async with connected(running.ws_url, running.token) as client:
        await check_kept_once(client, chats)
        assert await unanswered(client, chats) >= count // 4, "the kill did not come in the middle"
        await repeat_everything(client, chats)
        for chat in chats:
            chat.acknowledged |= set(chat.sent)
        await check_kept_once(client, chats)
        assert await unanswered(client, chats) == 0
        rows = (await client.call("sessions.list", limit=500))["sessions"]
        assert not [row for row in rows if row["hasActiveRun"]]


async def test_a_gateway_that_is_killed_again_and_again_keeps_one_copy(gateway: GatewayFactory) -> None:
    """The client repeats the same key into every new process until somebody answers."""
    running = gateway(env={"CLAWFLEET_DEMO_WORD_DELAY_MS": "400"})
    run, text = str(uuid.uuid4()), "are you there?"
    for _ in range(3):
        async with connected(running.ws_url, running.token) as client:
            assert await client.send_chat(text, run=run) == run
            await client.wait(lambda frame: "deltaText" in json.dumps(frame))
            await asyncio.to_thread(running.kill)
        running.start()
    async with connected(running.ws_url, running.token) as client:
        rows = await history(client, Chat("main"))
        assert (users(rows), answers(rows)) == ({text: 1}, {})
        assert "stopped before this was answered" in rows[-1]["errorMessage"]
        assert (await client.call("chat.send", sessionKey="main", message=text, idempotencyKey=run))[
            "status"
        ] == "started"
        await client.call("chat.abort", sessionKey="main", runId=run)
        await client.ended(run)
        assert users(await history(client, Chat("main"))) == {text: 1}
