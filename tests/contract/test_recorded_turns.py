"""A turn tells its events in the recorded order, to those who subscribed and to those who did not."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio

from tests.contract.replay import MAIN, configured, turn_with_tool
from tests.support.fake_openai import FakeOpenAI
from tests.support.gateway import GatewayFactory, GatewayProcess
from tests.support.protocol_client import Frame, ProtocolClient, connected
from tests.support.record_shapes import SHAPES, order

RECORDED: dict[str, list[str]] = json.loads((SHAPES / "turns.json").read_text(encoding="utf-8"))
RUN = ("agent", "chat")
AFTER_THE_ANSWER = ("sessions.changed agent.input.settled", "sessions.changed end")
LEFT_OUT = {
    "sessions.changed participants": "there are no people to take part",
    "agent item update": "an item is told when it starts and when it ends",
}
"""What the recorded gateway says in a turn and this one does not, and why."""
MORE = {"session.message toolResult": "the result of a tool is a row of its own"}
"""What this gateway says besides."""
ITEM_ENDS = "agent item end"
"""The recorded gateway ends an item of the model's own before the tool's starts; here the tool's is the only one."""


@pytest.fixture
def running(gateway: GatewayFactory, fake_openai: FakeOpenAI) -> GatewayProcess:
    """A gateway like the recorded one."""
    return gateway(configured(fake_openai))


@pytest_asyncio.fixture
async def client(running: GatewayProcess) -> AsyncIterator[ProtocolClient]:
    """One that hears of tools."""
    async with connected(running.ws_url, running.token, caps=["tool-events"]) as found:
        yield found


def firsts(words: Sequence[str], *events: str) -> list[str]:
    """The words of these events, each where it came first."""
    found = dict.fromkeys(word for word in words if word.split()[0] in events)
    return [word for word in found if word not in LEFT_OUT and word not in MORE]


def told(frames: Sequence[Frame]) -> list[str]:
    return order([frame for frame in frames if frame["type"] == "event"])


async def test_a_plain_turn(client: ProtocolClient) -> None:
    await client.ended(await client.send_chat("hello you there", key=MAIN))
    assert firsts(told(client.frames), *RUN) == firsts(RECORDED["plain-unsubscribed"], *RUN)


async def test_a_turn_with_a_tool(client: ProtocolClient, fake_openai: FakeOpenAI) -> None:
    await turn_with_tool(client, fake_openai)
    ours, theirs = firsts(told(client.frames), *RUN), firsts(RECORDED["tool-subscribed"], *RUN)
    assert set(ours) == set(theirs)
    assert [word for word in ours if word != ITEM_ENDS] == [word for word in theirs if word != ITEM_ENDS]


async def test_who_did_not_ask_for_tools_hears_items_and_output_only(
    running: GatewayProcess, fake_openai: FakeOpenAI
) -> None:
    async with connected(running.ws_url, running.token, scopes=["operator.read"]) as reader:
        async with connected(running.ws_url, running.token) as writer:
            await turn_with_tool(writer, fake_openai)
            await reader.wait(lambda frame: (frame.get("payload") or {}).get("state") == "final")
        words = firsts(told(reader.frames), *RUN)
    assert set(words) == set(firsts(RECORDED["readonly-client-no-tool-events"], *RUN))
    assert not [word for word in words if word.startswith("agent tool")]


async def test_subscribers_hear_of_the_session_and_its_messages(
    client: ProtocolClient, fake_openai: FakeOpenAI
) -> None:
    await client.call("sessions.subscribe")
    await client.call("sessions.messages.subscribe", key=MAIN)
    await turn_with_tool(client, fake_openai)
    await client.wait(
        lambda frame: (frame.get("payload") or {}).get("phase") == "end" and "session" in frame["payload"]
    )
    words = firsts(told(client.frames), "sessions.changed", "session.message")
    assert set(words) == set(firsts(RECORDED["tool-subscribed"], "sessions.changed", "session.message"))
    assert words[:2] == ["sessions.changed send", "session.message user"]
    assert [word for word in words if word in AFTER_THE_ANSWER] == list(AFTER_THE_ANSWER)


def test_an_order_is_kept_without_a_text() -> None:
    frames: list[Frame] = [
        {"type": "event", "event": "agent", "payload": {"stream": "assistant", "data": {"text": "secret"}}},
        {"type": "event", "event": "agent", "payload": {"stream": "assistant", "data": {"text": "more"}}},
        {"type": "res", "id": "1", "ok": True},
        {"type": "event", "event": "chat", "payload": {"state": "final", "message": {"role": "assistant"}}},
    ]
    assert order(frames) == ["agent assistant", "chat final"]
