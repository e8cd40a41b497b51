"""The Telegram adapter against the fake Bot API, over real sockets."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from telegram import Update, User

from clawfleet.channels.base import Deliver, Envelope, Outbound
from clawfleet.channels.failures import NotConnected, PollerConflict, SendRefused, TokenRejected, TooFast
from clawfleet.channels.telegram.channel import TelegramChannel
from clawfleet.channels.telegram.settings import TelegramSettings
from clawfleet.channels.telegram.updates import read_update
from clawfleet.core.errors import HostError
from clawfleet.core.tasks import Tasks
from tests.fakes.telegram.updates import group_text, private_text, topic_text
from tests.support.fake_telegram import TelegramControl

Connect = Callable[..., TelegramChannel]


@pytest_asyncio.fixture
async def connect(fake_telegram: TelegramControl) -> AsyncIterator[Connect]:
    opened: list[TelegramChannel] = []

    def make(*, token: str | None = None, api_root: str | None = None) -> TelegramChannel:
        settings = TelegramSettings(token or fake_telegram.token, api_root or fake_telegram.root_url)
        opened.append(TelegramChannel("default", settings))
        return opened[-1]

    yield make
    for channel in opened:
        await channel.close()


@pytest_asyncio.fixture
async def tasks() -> AsyncIterator[Tasks]:
    running = Tasks()
    yield running
    await running.close()


class Inbox:
    """Takes envelopes; `fails` makes the next one fail."""

    def __init__(self) -> None:
        self.got: asyncio.Queue[Envelope] = asyncio.Queue()
        self.fails: list[Exception] = []

    async def deliver(self, envelope: Envelope) -> None:
        await self.got.put(envelope)
        if self.fails:
            raise self.fails.pop(0)

    async def next(self) -> Envelope:
        async with asyncio.timeout(30):
            return await self.got.get()


async def broken(run: Callable[[Deliver], object], inbox: Inbox) -> None:
    """Run until it breaks, half a minute at the most."""
    async with asyncio.timeout(30):
        await run(inbox.deliver)  # type: ignore[misc]


async def test_messages_come_in_order_and_the_link_tells_who_we_are(
    fake_telegram: TelegramControl, connect: Connect, tasks: Tasks
) -> None:
    channel, inbox = connect(), Inbox()
    fake_telegram.inject(private_text("one"))
    fake_telegram.inject(private_text("two"))
    tasks.start(channel.run(inbox.deliver), name="run")
    assert [(await inbox.next()).text, (await inbox.next()).text] == ["one", "two"]
    await asyncio.to_thread(fake_telegram.inject, group_text("@fake_1001_bot three"))
    third = await inbox.next()
    assert (third.chat_type, third.was_mentioned) == ("group", True)
    assert channel.link.connected and channel.link.identity == "@fake_1001_bot"


async def test_an_update_is_confirmed_only_after_it_was_kept(
    fake_telegram: TelegramControl, connect: Connect, tasks: Tasks
) -> None:
    channel, inbox = connect(), Inbox()
    kept, lost = (fake_telegram.inject(private_text(text))["update_id"] for text in ("kept", "lost"))
    inbox.fails = [HostError("disk full")]
    with pytest.raises(HostError):
        await broken(channel.run, inbox)
    state = await asyncio.to_thread(fake_telegram.state)
    assert state["pending"] == [kept, lost]
    tasks.start(channel.run(inbox.deliver), name="run")
    assert [(await inbox.next()).text for _ in range(3)] == ["kept", "kept", "lost"]
    await asyncio.to_thread(fake_telegram.state, confirmed=lost)


async def test_an_update_that_cannot_be_read_does_not_hold_up_the_next(
    fake_telegram: TelegramControl,
    connect: Connect,
    tasks: Tasks,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fragile(update: Update, account: str, me: User) -> Envelope | None:
        if "bad" in str(update):
            raise KeyError("surprise")
        return read_update(update, account, me)

    monkeypatch.setattr("clawfleet.channels.telegram.channel.read_update", fragile)
    inbox = Inbox()
    fake_telegram.inject(private_text("bad"))
    fake_telegram.inject(private_text("good"))
    tasks.start(connect().run(inbox.deliver), name="run")
    assert (await inbox.next()).text == "good"
    assert "cannot be read and is skipped" in caplog.text


async def test_a_webhook_left_by_another_program_is_taken_down_and_nothing_is_dropped(
    fake_telegram: TelegramControl, connect: Connect, tasks: Tasks
) -> None:
    channel, inbox = connect(), Inbox()
    fake_telegram.inject(private_text("waiting"))
    await channel._bot.set_webhook("https://example.org/hook")
    tasks.start(channel.run(inbox.deliver), name="run")
    assert (await inbox.next()).text == "waiting"


async def test_an_answer_is_sent_as_html_and_reads_as_meant(fake_telegram: TelegramControl, connect: Connect) -> None:
    fake_telegram.add_chat({"id": 42, "type": "private"})
    channel = connect()
    (part,) = channel.split(Outbound("42", "**Hi** `a<b` 😀 [x](http://e.org)"))
    sent = await channel.send(part)
    (seen,) = await asyncio.to_thread(fake_telegram.sent)
    assert (seen["text"], seen["parse_mode"]) == ("Hi a<b 😀 x", "HTML")
    assert [entity["type"] for entity in seen["entities"]] == ["bold", "code", "text_link"]
    assert sent.message_ids == (str(seen["message_id"]),)


async def test_a_long_answer_quotes_once_and_arrives_whole(fake_telegram: TelegramControl, connect: Connect) -> None:
    message_id = fake_telegram.inject(private_text("explain"))["message"]["message_id"]
    channel = connect()
    text = "\n\n".join(f"{number} " + "word & 😀 " * 100 for number in range(12))
    parts = channel.split(Outbound("42", text, reply_to=str(message_id)))
    for part in parts:
        await channel.send(part)
    seen = await asyncio.to_thread(fake_telegram.sent)
    assert len(seen) == len(parts) > 2
    assert [message["reply_to"] for message in seen] == [message_id, *[None] * (len(parts) - 1)]
    assert "".join("".join(message["text"] for message in seen).split()) == "".join(text.split())


async def test_refused_markup_is_sent_again_as_plain_text(fake_telegram: TelegramControl, connect: Connect) -> None:
    fake_telegram.add_chat({"id": 42, "type": "private"})
    channel = connect()
    await channel.send(Outbound("42", "a < b", markup="a < b <oops>"))
    (seen,) = await asyncio.to_thread(fake_telegram.sent)
    assert (seen["text"], seen["parse_mode"]) == ("a < b", "")


async def test_a_topic_gets_its_answer_and_the_general_one_is_not_named(
    fake_telegram: TelegramControl, connect: Connect
) -> None:
    fake_telegram.inject(topic_text("hi", 7))
    channel = connect()
    await channel.send(Outbound("-1001234", "in topic", thread_id="7"))
    await channel.send(Outbound("-1001234", "in general", thread_id="1"))
    seen = await asyncio.to_thread(fake_telegram.sent)
    assert [message["thread_id"] for message in seen] == [7, None]


async def test_typing_is_shown_and_its_failure_is_nobodys_business(
    fake_telegram: TelegramControl, connect: Connect
) -> None:
    fake_telegram.add_chat({"id": 42, "type": "private"})
    channel = connect()
    await asyncio.to_thread(fake_telegram.fail, {"method": "sendChatAction", "status": 500})
    await channel.typing("42")
    await channel.typing("42")
    calls = await asyncio.to_thread(fake_telegram.calls, "sendChatAction")
    assert [call["status"] for call in calls] == [500, 200]
    assert calls[1]["params"]["action"] == "typing"


@pytest.mark.parametrize(
    ("order", "error"),
    [
        ({"status": 429, "retry_after": 3}, TooFast),
        ({"status": 403}, SendRefused),
        ({"status": 400, "description": "Bad Request: chat not found"}, SendRefused),
        ({"status": 502}, NotConnected),
        ({"status": 200, "drop": True}, NotConnected),
    ],
)
async def test_what_goes_wrong_with_a_message_is_told_apart(
    fake_telegram: TelegramControl, connect: Connect, order: dict[str, object], error: type[Exception]
) -> None:
    fake_telegram.add_chat({"id": 42, "type": "private"})
    fake_telegram.fail({"method": "sendMessage", **order})
    with pytest.raises(error) as caught:
        await connect().send(Outbound("42", "hi"))
    if isinstance(caught.value, TooFast):
        assert caught.value.retry_after_s == 3


async def test_a_second_poller_of_the_same_token_is_named(
    fake_telegram: TelegramControl, connect: Connect, tasks: Tasks
) -> None:
    inbox = Inbox()
    first = tasks.start(connect().run(inbox.deliver), name="first")
    await asyncio.to_thread(fake_telegram.calls, "getUpdates", at_least=2)
    tasks.start(connect().run(inbox.deliver), name="second")
    with pytest.raises(PollerConflict):
        async with asyncio.timeout(30):
            await first


async def test_a_wrong_token_is_told_without_showing_it(connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    channel = connect(token="999:very-secret")
    with caplog.at_level(logging.DEBUG):
        probe = await channel.probe()
        with pytest.raises(TokenRejected) as caught:
            await broken(channel.run, Inbox())
    assert not probe.ok
    told = f"{probe} {caught.value} {caught.value.hint} {caught.value.__cause__}"
    assert "very-secret" not in told + caplog.text
    assert caught.value.__suppress_context__


async def test_a_probe_says_who_we_are_or_that_nobody_answers(connect: Connect) -> None:
    assert (await connect().probe()).identity == "@fake_1001_bot"
    nobody = await connect(api_root="http://127.0.0.1:9").probe()
    assert not nobody.ok and nobody.error is not None and "cannot be reached" in nobody.error


async def test_cancelling_stops_a_long_poll_at_once(
    fake_telegram: TelegramControl, connect: Connect, tasks: Tasks
) -> None:
    task = tasks.start(connect().run(Inbox().deliver), name="run")
    await asyncio.to_thread(fake_telegram.calls, "getUpdates", at_least=2)
    async with asyncio.timeout(10):
        await tasks.close()
    assert task.cancelled()


async def test_what_was_kept_is_confirmed_when_it_stops_in_the_middle_of_a_batch(
    fake_telegram: TelegramControl, connect: Connect, tasks: Tasks
) -> None:
    kept, open_ = (fake_telegram.inject(private_text(text))["update_id"] for text in ("kept", "open"))
    reached = asyncio.Event()

    async def deliver(envelope: Envelope) -> None:
        if envelope.text == "open":
            reached.set()
            await asyncio.Event().wait()

    tasks.start(connect().run(deliver), name="run")
    await reached.wait()
    await tasks.close()
    state = await asyncio.to_thread(fake_telegram.state)
    assert (state["confirmed"], state["pending"]) == (kept, [open_])


async def test_a_stop_does_not_wait_for_a_platform_that_is_away(
    fake_telegram: TelegramControl, connect: Connect, tasks: Tasks, caplog: pytest.LogCaptureFixture
) -> None:
    fake_telegram.inject(private_text("kept"))
    fake_telegram.inject(private_text("open"))
    reached = asyncio.Event()

    async def deliver(envelope: Envelope) -> None:
        if envelope.text == "open":
            reached.set()
            await asyncio.Event().wait()

    tasks.start(connect().run(deliver), name="run")
    await reached.wait()
    await asyncio.to_thread(fake_telegram.fail, {"method": "getUpdates", "status": 502})
    with caplog.at_level(logging.INFO):
        async with asyncio.timeout(10):
            await tasks.close()
    assert "not confirmed" in caplog.text
