"""Answers find their chat, are not said twice, and typing stops."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from clawfleet.channels import replies as replies_module
from clawfleet.channels.failures import NotConnected
from clawfleet.channels.replies import Delivery, Replies
from clawfleet.channels.supervisor import Supervisor
from tests.unit.channels.fake_channel import FakeChannel, Waits, account, until

TO = Delivery("telegram", "default", "42", "7", "100")


@pytest.fixture
def channel() -> FakeChannel:
    return FakeChannel()


@pytest_asyncio.fixture
async def replies(channel: FakeChannel) -> AsyncIterator[Replies]:
    waits = Waits()
    supervisor = Supervisor((account(),), open_adapter=lambda _: channel, pace=waits.pace)
    made = Replies(supervisor, waits.pace)
    yield made
    await made.close()
    await supervisor.close()


def test_a_delivery_survives_its_text_form() -> None:
    assert Delivery.decode(TO.encode()) == TO
    assert Delivery.decode(Delivery("telegram", "default", "42").encode()).thread_id is None


async def test_remarks_come_in_order_and_before_the_answer(replies: Replies, channel: FakeChannel) -> None:
    replies.remark(TO.encode(), "first")
    replies.remark(TO.encode(), "second")
    await replies.deliver_reply(TO.encode(), "answer")
    assert [(sent.chat_id, sent.thread_id, sent.text) for sent in channel.sent] == [
        ("42", "7", "first"),
        ("42", "7", "second"),
        ("42", "7", "answer"),
    ]


async def test_a_remark_that_is_not_taken_is_lost_and_holds_nothing_up(replies: Replies, channel: FakeChannel) -> None:
    channel.sends = [*[NotConnected("away")] * 3]
    replies.remark(TO.encode(), "lost")
    await replies.deliver_reply(TO.encode(), "answer")
    assert [sent.text for sent in channel.sent] == ["answer"]


async def test_no_more_remarks_wait_than_a_chat_can_bear(replies: Replies, channel: FakeChannel) -> None:
    for number in range(replies_module.MOST_REMARKS + 5):
        replies.remark(TO.encode(), str(number))
    await replies.deliver_reply(TO.encode(), "answer")
    assert len(channel.sent) == replies_module.MOST_REMARKS + 1


async def test_an_answer_goes_to_the_chat_and_topic_it_belongs_to(replies: Replies, channel: FakeChannel) -> None:
    await replies.deliver_reply(TO.encode(), "Hello")
    (sent,) = channel.sent
    assert (sent.chat_id, sent.thread_id, sent.text, sent.reply_to) == ("42", "7", "Hello", None)


@pytest.mark.parametrize(("answer", "quoted"), [("[[reply_to_current]]Yes", "100"), ("[[reply_to:55]]Yes", "55")])
async def test_an_answer_quotes_a_message_when_it_asks_to(
    replies: Replies, channel: FakeChannel, answer: str, quoted: str
) -> None:
    await replies.deliver_reply(TO.encode(), answer)
    assert [(sent.text, sent.reply_to) for sent in channel.sent] == [("Yes", quoted)]


async def test_silence_sends_nothing_and_counts_as_delivered(replies: Replies, channel: FakeChannel) -> None:
    await replies.deliver_reply(TO.encode(), "NO_REPLY")
    assert channel.sent == []


async def test_a_repeated_delivery_goes_on_where_it_broke_off_and_then_starts_afresh(
    replies: Replies, channel: FakeChannel
) -> None:
    channel.sends = [None, *[NotConnected("away")] * 3]
    with pytest.raises(NotConnected):
        await replies.deliver_reply(TO.encode(), "a|b")
    await replies.deliver_reply(TO.encode(), "a|b")
    assert [sent.text for sent in channel.sent] == ["a", "b"]
    await replies.deliver_reply(TO.encode(), "a|b")
    assert len(channel.sent) == 4


async def test_only_so_many_broken_deliveries_are_remembered(
    replies: Replies, channel: FakeChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replies_module, "MOST_UNFINISHED", 1)
    for chat in ("1", "2"):
        channel.sends = [None, *[NotConnected("away")] * 3]
        with pytest.raises(NotConnected):
            await replies.deliver_reply(Delivery("telegram", "default", chat).encode(), "a|b")
    channel.sent.clear()
    await replies.deliver_reply(Delivery("telegram", "default", "1").encode(), "a|b")
    await replies.deliver_reply(Delivery("telegram", "default", "2").encode(), "a|b")
    assert [(sent.chat_id, sent.text) for sent in channel.sent] == [("1", "a"), ("1", "b"), ("2", "b")]


async def test_typing_is_refreshed_until_the_answer_is_sent(replies: Replies, channel: FakeChannel) -> None:
    replies.start_typing(TO.encode())
    replies.start_typing(TO.encode())
    await until(lambda: len(channel.typed) > 2)
    await replies.deliver_reply(TO.encode(), "done")
    shown = len(channel.typed)
    await replies.deliver_reply(TO.encode(), "nothing more is shown")
    assert channel.typed == [("42", "7")] * shown


async def test_stopping_what_is_not_shown_is_harmless_and_typing_ends_by_itself_at_last(
    replies: Replies, channel: FakeChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replies_module, "TYPING_MOST_S", 12.0)
    replies.stop_typing(TO.encode())
    replies.start_typing(TO.encode())
    await until(lambda: len(channel.typed) == 3)
    await replies.deliver_reply(TO.encode(), "hi")
    assert len(channel.typed) == 3


async def test_typing_for_an_account_that_is_gone_does_nothing(replies: Replies, channel: FakeChannel) -> None:
    replies.start_typing(Delivery("telegram", "gone", "42").encode())
    await replies.deliver_reply(TO.encode(), "hi")
    assert channel.typed == []
