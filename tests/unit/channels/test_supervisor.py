"""Accounts are kept connected, sent through, probed and stopped."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
import pytest_asyncio

from clawfleet.channels import supervisor as supervisor_module
from clawfleet.channels.base import Account, Channel, Envelope, Outbound, Probe, Sent
from clawfleet.channels.failures import (
    LibraryMissing,
    NoSuchAccount,
    NotConnected,
    PollerConflict,
    SendRefused,
    TokenRejected,
    TooFast,
)
from clawfleet.channels.status import words
from clawfleet.channels.supervisor import Supervisor
from tests.unit.channels.fake_channel import FakeChannel, Waits, account, dm, until

Make = Callable[..., Supervisor]


@pytest_asyncio.fixture
async def make() -> AsyncIterator[Make]:
    made: list[Supervisor] = []

    def supervise(*channels: FakeChannel, accounts: tuple[Account, ...] = (), waits: Waits | None = None) -> Supervisor:
        adapters = {channel.account: channel for channel in channels}

        def open_adapter(wanted: Account) -> Channel:
            return adapters[wanted.account]

        known = accounts or tuple(account(name) for name in adapters)
        made.append(Supervisor(known, open_adapter=open_adapter, pace=(waits or Waits()).pace))
        return made[-1]

    yield supervise
    for supervisor in made:
        await supervisor.close()


async def nowhere(_: Envelope) -> None:
    """Takes a message and forgets it."""


async def test_messages_are_delivered_and_noted(make: Make) -> None:
    channel, waits, got = FakeChannel(), Waits(), asyncio.Queue[Envelope]()
    supervisor = make(channel, waits=waits)
    supervisor.start(got.put)
    channel.incoming.put_nowait(dm("hello"))
    assert (await got.get()).text == "hello"
    (row,) = supervisor.rows()
    assert row.connected and row.last_inbound_at_ms == waits.now_ms
    assert words(row.to_wire(), waits.now_ms)[:5] == ["enabled", "configured", "running", "connected", "in:just now"]


async def test_a_broken_account_is_started_again_with_growing_pauses(make: Make) -> None:
    channel, waits = FakeChannel(), Waits()
    channel.runs = [NotConnected("away")] * 8 + [None]
    supervisor = make(channel, waits=waits)
    supervisor.start(nowhere)
    await until(lambda: channel.started == 9)
    assert waits.seconds == [1, 2, 4, 8, 16, 32, 60, 60]
    (row,) = supervisor.rows()
    assert (row.restarts, row.last_error, row.error) == (8, "away", None)


async def test_after_a_minute_of_connection_the_pauses_start_over(make: Make) -> None:
    channel, waits = FakeChannel(), Waits()
    channel.runs = [NotConnected("away")] * 3
    stable = NotConnected("after a while")

    class LongConnected(FakeChannel):
        async def run(self, deliver: object) -> None:
            self.started += 1
            if self.started == 4:
                self.link.connected_at_ms = waits.now_ms - 61_000
                raise stable
            if self.started > 4:
                await asyncio.Event().wait()
            raise NotConnected("away")

    channel = LongConnected()
    supervisor = make(channel, waits=waits)
    supervisor.start(nowhere)
    await until(lambda: channel.started == 5)
    assert waits.seconds == [1, 2, 4, 1]


@pytest.mark.parametrize(
    ("error", "pause_s"),
    [
        (TooFast("telegram", 17), 17),
        (TokenRejected("telegram", "channels.telegram.botToken"), 60),
        (PollerConflict("telegram", "default"), 1),
    ],
)
async def test_the_pause_fits_the_failure(make: Make, error: Exception, pause_s: float) -> None:
    channel, waits = FakeChannel(), Waits()
    channel.runs = [error, None]
    make(channel, waits=waits).start(nowhere)
    await until(lambda: channel.started == 2)
    assert waits.seconds == [pause_s]


async def test_a_missing_library_is_not_tried_again(make: Make) -> None:
    channel, waits = FakeChannel(), Waits()
    channel.runs = [LibraryMissing("telegram", "telegram")]
    supervisor = make(channel, waits=waits)
    supervisor.start(nowhere)
    await until(lambda: supervisor.rows()[0].last_stop_at_ms)
    assert "not installed" in (supervisor.rows()[0].error or "")
    assert waits.seconds == []


async def test_a_bug_in_an_adapter_is_logged_and_does_not_end_the_account(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    channel = FakeChannel()
    channel.runs = [ZeroDivisionError("oops"), None]
    supervisor = make(channel)
    supervisor.start(nowhere)
    await until(lambda: channel.started == 2)
    assert supervisor.rows()[0].last_error == "failed inside the gateway; see the log"
    assert "ZeroDivisionError" in caplog.text


async def test_a_message_that_could_not_be_kept_breaks_the_connection_so_that_it_comes_again(make: Make) -> None:
    channel, seen = FakeChannel(), []

    async def full_disk_once(envelope: Envelope) -> None:
        seen.append(envelope.message_id)
        if len(seen) == 1:
            raise NotConnected("disk full")

    supervisor = make(channel)
    supervisor.start(full_disk_once)
    channel.incoming.put_nowait(dm(message_id="7"))
    await until(lambda: channel.started == 2)
    assert supervisor.rows()[0].restarts == 1


async def test_disabled_and_unconfigured_accounts_stay_off(make: Make) -> None:
    off, bare = FakeChannel("off"), FakeChannel("bare")
    supervisor = make(off, bare, accounts=(account("off", enabled=False), account("bare", configured=False)))
    supervisor.start(nowhere)
    await asyncio.sleep(0)
    assert (off.started, bare.started) == (0, 0)
    assert [row.running for row in supervisor.rows("telegram")] == [False, False]
    assert supervisor.rows("discord") == ()


async def test_all_parts_are_sent_in_order_and_noted(make: Make) -> None:
    channel, waits = FakeChannel(), Waits()
    supervisor = make(channel, waits=waits)
    assert await supervisor.send("telegram", "default", Outbound("42", "a|b|c")) == Sent(("1", "2", "3"))
    assert [part.text for part in channel.sent] == ["a", "b", "c"]
    assert supervisor.rows()[0].last_outbound_at_ms == waits.now_ms


async def test_a_part_that_is_limited_is_sent_once_after_the_pause(make: Make) -> None:
    channel, waits = FakeChannel(), Waits()
    channel.sends = [None, TooFast("telegram", 2)]
    await make(channel, waits=waits).send("telegram", "default", Outbound("42", "a|b"))
    assert [part.text for part in channel.sent] == ["a", "b"]
    assert waits.seconds == [2]


async def test_a_second_call_goes_on_after_the_parts_that_were_sent(make: Make) -> None:
    channel, progress = FakeChannel(), list[Sent]()
    channel.sends = [None, NotConnected("1"), NotConnected("2"), NotConnected("3")]
    supervisor = make(channel)
    with pytest.raises(NotConnected):
        await supervisor.send("telegram", "default", Outbound("42", "a|b"), progress=progress)
    assert await supervisor.send("telegram", "default", Outbound("42", "a|b"), progress=progress) == Sent(("1", "2"))
    assert [part.text for part in channel.sent] == ["a", "b"]


@pytest.mark.parametrize("name", ["nobody", "off"])
async def test_sending_through_an_account_that_is_not_there_is_refused(make: Make, name: str) -> None:
    supervisor = make(FakeChannel("off"), accounts=(account("off", enabled=False),))
    with pytest.raises(NoSuchAccount):
        await supervisor.send("telegram", name, Outbound("42", "hi"))


async def test_a_refused_message_is_not_tried_again(make: Make) -> None:
    channel, waits = FakeChannel(), Waits()
    channel.sends = [SendRefused("blocked")]
    with pytest.raises(SendRefused):
        await make(channel, waits=waits).send("telegram", "default", Outbound("42", "hi"))
    assert waits.seconds == []


async def test_typing_goes_to_the_chat_and_says_how_long_it_lasts(make: Make) -> None:
    channel = FakeChannel()
    supervisor = make(channel)
    assert await supervisor.typing("telegram", "default", "42", "7") == 4.0
    assert channel.typed == [("42", "7")]
    assert await supervisor.typing("telegram", "nobody", "42", None) is None


async def test_probing_asks_every_account_and_bounds_the_wait(make: Make) -> None:
    good, bad, hanging = FakeChannel("good"), FakeChannel("bad"), FakeChannel("hanging")
    good.probes, bad.probes = [Probe(True, "@good")], [Probe(False, error="no")]
    rows = await make(good, bad, hanging).probe(timeout_s=0.05)
    assert [row.probe and (row.probe.ok, row.probe.error) for row in rows] == [
        (True, None),
        (False, "no"),
        (False, "no answer within 0.05 s"),
    ]
    assert all(row.last_probe_at_ms for row in rows)


async def test_stopping_ends_receiving_but_answers_still_go_out_until_closed(make: Make) -> None:
    channel = FakeChannel()
    supervisor = make(channel)
    supervisor.start(nowhere)
    await until(lambda: supervisor.rows()[0].connected)
    await supervisor.stop_receiving()
    (row,) = supervisor.rows()
    assert not row.running and not row.connected and not channel.closed
    await supervisor.send("telegram", "default", Outbound("42", "late"))
    await supervisor.close()
    assert channel.closed and channel.sent[0].text == "late"


async def test_a_connection_that_does_not_close_is_given_up(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """No task is left behind that works on after the gateway has closed what it needs."""
    monkeypatch.setattr(supervisor_module, "STOP_S", 0.1)
    channel, given_up = FakeChannel(), asyncio.Event()

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            given_up.set()

    monkeypatch.setattr(channel, "close", hang)
    supervisor = make(channel)
    supervisor.start(nowhere)
    await until(lambda: supervisor.rows()[0].connected)
    await supervisor.close()
    assert given_up.is_set()


async def test_a_stop_lets_the_message_in_hand_be_finished_and_takes_no_further_one(make: Make) -> None:
    channel, begun, go_on, done = FakeChannel(), asyncio.Event(), asyncio.Event(), list[str]()

    async def slow(envelope: Envelope) -> None:
        begun.set()
        await go_on.wait()
        done.append(envelope.message_id)

    supervisor = make(channel)
    supervisor.start(slow)
    for message_id in ("1", "2"):
        channel.incoming.put_nowait(dm(message_id=message_id))
    await begun.wait()
    stopping = asyncio.gather(supervisor.stop_receiving())
    await asyncio.sleep(0)
    go_on.set()
    await stopping
    assert done == ["1"] and not supervisor.rows()[0].running


async def test_accounts_stop_side_by_side_and_a_stubborn_one_does_not_hold_up_the_rest(
    make: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(supervisor_module, "STOP_S", 0.2)
    stubborn, other = FakeChannel("stubborn"), FakeChannel("other")
    stubborn.ignores_cancel = True
    supervisor = make(stubborn, other)
    supervisor.start(nowhere)
    await until(lambda: all(row.connected for row in supervisor.rows()))
    began = time.monotonic()
    with caplog.at_level(logging.WARNING):
        await supervisor.stop_receiving()
    assert time.monotonic() - began < 20
    assert not supervisor.rows()[1].running
    assert "did not stop within 0.2 s: channel:telegram:stubborn" in caplog.text
    stubborn.ignores_cancel = False


async def test_other_accounts_are_taken_up_and_who_stays_notices_nothing(make: Make) -> None:
    kept, changed, gone, new = (FakeChannel(name) for name in ("kept", "changed", "gone", "new"))
    before = (account("kept"), account("changed"), account("gone"))
    supervisor = make(kept, changed, gone, new, accounts=before)
    supervisor.start(nowhere)
    await until(lambda: all(channel.started == 1 for channel in (kept, changed, gone)))
    row = supervisor.rows()[0]
    await supervisor.adopt((account("kept"), replace(account("changed"), mode="webhook"), account("new")))
    await until(lambda: changed.started == 2 and new.started == 1)
    assert (kept.started, kept.closed, changed.closed, gone.closed) == (1, False, True, True)
    assert [row.account.account for row in supervisor.rows()] == ["kept", "changed", "new"]
    assert supervisor.rows()[0] is row
    with pytest.raises(NoSuchAccount):
        await supervisor.send("telegram", "gone", Outbound("chat", "hello"))


async def test_accounts_taken_up_before_the_start_or_after_the_stop_stay_off(make: Make) -> None:
    channel = FakeChannel()
    supervisor = make(channel, accounts=(account("other"),))
    await supervisor.adopt((account(),))
    assert supervisor.rows()[0].last_start_at_ms is None
    supervisor.start(nowhere)
    await until(lambda: channel.started == 1)
    await supervisor.stop_receiving()
    await supervisor.adopt((replace(account(), mode="webhook"),))
    assert channel.started == 1
