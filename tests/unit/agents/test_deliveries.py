"""A reply is tried until the channel took it, or will never take it."""

import asyncio
from pathlib import Path

import pytest

from clawfleet.agents import deliveries
from clawfleet.agents.run import TurnInput
from clawfleet.core.errors import ChannelError
from clawfleet.sessions.sessions import Sessions
from tests.unit.agents.fakes import build, say


def turn(delivery: str) -> TurnInput:
    return TurnInput("agent:main:main", "main", "hi", idempotency_key="a", run_id="a", delivery=delivery)


async def test_a_reply_is_delivered_until_the_channel_took_it(
    sessions: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "RETRY_FIRST_S", 0.0)
    tries: list[tuple[str, str]] = []
    took = asyncio.Event()

    async def deliver(delivery: str, text: str) -> None:
        tries.append((delivery, text))
        if len(tries) < 3:
            raise ChannelError("not now")
        took.set()

    house = build(sessions, tmp_path, [say("hello")], deliver=deliver)
    await house.runs.accept(turn('{"chat":"42"}'))
    async with asyncio.timeout(30):
        await took.wait()
    assert tries == [('{"chat":"42"}', "hello")] * 3
    assert await house.runs.drain(5)
    assert await sessions.unfinished() == ()


async def test_a_reply_that_the_platform_will_never_take_is_given_up_at_once(
    sessions: Sessions, tmp_path: Path
) -> None:
    class Blocked(ChannelError):
        is_final = True

    tries: list[str] = []

    async def deliver(delivery: str, text: str) -> None:
        tries.append(text)
        raise Blocked("the user blocked the bot")

    house = build(sessions, tmp_path, [say("hello")], deliver=deliver)
    await house.runs.accept(turn("to-42"))
    assert await house.runs.drain(5)
    assert tries == ["hello"]
    assert await sessions.unfinished() == ()


async def test_a_reply_that_is_refused_for_good_or_too_often_is_owed_no_more(
    sessions: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "RETRY_FIRST_S", 0.0)
    tries: list[str] = []

    async def deliver(delivery: str, text: str) -> None:
        tries.append(text)
        raise ChannelError("not now")

    house = build(sessions, tmp_path, [say("hello")], deliver=deliver)
    await house.runs.accept(turn("to-42"))
    assert await house.runs.drain(5)
    assert len(tries) == deliveries.DELIVERY_TRIES
    assert await sessions.unfinished() == ()


async def test_a_reply_does_not_overtake_the_one_before_it_in_its_session(
    sessions: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first try that fails would put answers into the wrong order; another session does not wait."""
    monkeypatch.setattr(deliveries, "RETRY_FIRST_S", 0.05)
    took: list[str] = []
    tried: list[str] = []

    async def deliver(delivery: str, text: str) -> None:
        tried.append(delivery)
        if delivery == "first" and tried.count("first") == 1:
            raise ChannelError("not now")
        took.append(delivery)

    sending = deliveries.Deliveries(sessions, deliver)
    for run_id, session_key in (("first", "a"), ("second", "a"), ("other", "b")):
        sending.send(run_id, session_key, run_id, "hello")
    await asyncio.wait(sending.under_way, timeout=30)
    assert took == ["other", "first", "second"]
    assert not sending._last and not sending.under_way


async def test_a_reply_does_not_wait_long_for_one_that_is_not_taken(
    sessions: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may go to a channel that works."""
    monkeypatch.setattr(deliveries, "ORDER_S", 0.05)
    took = asyncio.Event()

    async def deliver(delivery: str, text: str) -> None:
        if delivery == "first":
            raise ChannelError("away")
        took.set()

    sending = deliveries.Deliveries(sessions, deliver)
    for run_id in ("first", "second"):
        sending.send(run_id, "a", run_id, "hello")
    async with asyncio.timeout(30):
        await took.wait()
    await sending.close()
