"""Updates as Telegram writes them become envelopes, or nothing."""

from typing import Any

import pytest
from telegram import Update, User

from clawfleet.channels.base import Envelope
from clawfleet.channels.telegram.updates import read_update

ME = User(id=777, is_bot=True, first_name="Clawy", username="clawy_bot")
AL = {"id": 42, "is_bot": False, "first_name": "Al", "last_name": "Ert", "username": "al", "language_code": "en"}
PRIVATE = {"id": 42, "type": "private", "first_name": "Al", "username": "al"}
GROUP = {"id": -1001234, "type": "supergroup", "title": "Ops Room"}
OTHER_BOT = {"id": 9, "is_bot": True, "first_name": "B", "username": "b_bot"}


def envelope(kind: str = "message", **message: Any) -> Envelope | None:
    body = {"message_id": 5, "date": 1_700_000_000, "from": AL, "chat": PRIVATE, "text": "hello", **message}
    update = Update.de_json({"update_id": 1, kind: body}, None)
    return read_update(update, "default", ME)


def in_group(text: str, *entities: dict[str, Any], **message: Any) -> bool:
    read = envelope(chat=GROUP, text=text, entities=list(entities), **message)
    assert read is not None and read.chat_type == "group"
    return read.was_mentioned


def test_a_private_text_says_who_where_and_when() -> None:
    assert envelope() == Envelope(
        channel="telegram",
        account="default",
        chat_id="42",
        chat_type="direct",
        message_id="5",
        sender_id="42",
        text="hello",
        sender_name="Al Ert",
        sender_username="al",
        timestamp_ms=1_700_000_000_000,
        sender_meta={"username": "al", "firstName": "Al", "lastName": "Ert"},
    )


def test_a_stranger_without_a_username_is_fine() -> None:
    stranger: dict[str, Any] = {"from": {"id": 43, "is_bot": False, "first_name": "X"}}
    read = envelope(**stranger)
    assert read is not None and read.sender_meta == {"firstName": "X"}


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("@clawy_bot hi", {"type": "mention", "offset": 0, "length": 10}),
        ("😀 @Clawy_Bot hi", {"type": "mention", "offset": 3, "length": 10}),
        ("hey Clawy", {"type": "text_mention", "offset": 4, "length": 5, "user": ME.to_dict()}),
        ("/status@clawy_bot", {"type": "bot_command", "offset": 0, "length": 17}),
    ],
)
def test_naming_the_bot_is_a_mention(text: str, entity: dict[str, Any]) -> None:
    assert in_group(text, entity)


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("@clawy_bot2 hi", {"type": "mention", "offset": 0, "length": 11}),
        ("hey Al", {"type": "text_mention", "offset": 4, "length": 2, "user": AL}),
        ("/status@b_bot", {"type": "bot_command", "offset": 0, "length": 13}),
        ("/status", {"type": "bot_command", "offset": 0, "length": 7}),
        ("@clawy_bot as plain text", {"type": "bold", "offset": 0, "length": 1}),
    ],
)
def test_naming_somebody_else_is_none(text: str, entity: dict[str, Any]) -> None:
    assert not in_group(text, entity)


def test_answering_the_bot_is_a_mention_and_answering_another_is_none() -> None:
    answered = {"message_id": 4, "date": 1_700_000_000, "chat": GROUP, "text": "I said"}
    assert in_group("yes", reply_to_message={**answered, "from": ME.to_dict()})
    assert not in_group("yes", reply_to_message={**answered, "from": AL})


def test_a_topic_is_a_thread_but_a_reply_thread_is_not() -> None:
    topic = envelope(chat={**GROUP, "is_forum": True}, message_thread_id=7, is_topic_message=True)
    reply = envelope(chat=GROUP, message_thread_id=3)
    assert topic is not None and topic.thread_id == "7"
    assert reply is not None and reply.thread_id is None


def test_a_caption_is_text() -> None:
    photo = [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]
    read = envelope(text=None, caption="look", photo=photo)
    assert read is not None and read.text == "look"


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("message", {"from": OTHER_BOT}),
        ("message", {"from": ME.to_dict()}),
        ("message", {"from": None}),
        ("message", {"text": None, "new_chat_title": "x"}),
        ("message", {"chat": {"id": -5, "type": "channel", "title": "News"}}),
        ("edited_message", {}),
        ("channel_post", {"chat": {"id": -5, "type": "channel", "title": "News"}}),
    ],
)
def test_what_needs_no_answer_is_no_envelope(kind: str, message: dict[str, Any]) -> None:
    assert envelope(kind, **message) is None
