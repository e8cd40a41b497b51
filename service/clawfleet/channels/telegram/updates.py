"""What a Telegram update says, as an envelope. Pure: the library parsed the JSON, this only reads it."""

from __future__ import annotations

from telegram import Message, Update, User
from telegram.constants import ChatType as TelegramChat
from telegram.constants import MessageEntityType

from clawfleet.channels.base import ChatType, Envelope

CHAT_TYPES: dict[str, ChatType] = {
    TelegramChat.PRIVATE: "direct",
    TelegramChat.GROUP: "group",
    TelegramChat.SUPERGROUP: "group",
}
MENTIONS: list[str | None] = [MessageEntityType.MENTION, MessageEntityType.TEXT_MENTION, MessageEntityType.BOT_COMMAND]
ALLOWED_UPDATES = ("message",)
"""The kinds of update that `read_update` reads; Telegram keeps the others to itself."""


def read_update(update: Update, account: str, me: User) -> Envelope | None:
    """The message of `update` as it came to the bot `me`, or None when there is nothing to answer.

    Nothing to answer: no text, service messages, edits, and whatever a bot wrote (ourselves included).
    """
    message = update.message
    if message is None or message.from_user is None or message.from_user.is_bot:
        return None
    chat_type = CHAT_TYPES.get(message.chat.type)
    text = message.text or message.caption
    if chat_type is None or not text:
        return None
    sender = message.from_user
    return Envelope(
        channel="telegram",
        account=account,
        chat_id=str(message.chat.id),
        chat_type=chat_type,
        message_id=str(message.message_id),
        sender_id=str(sender.id),
        text=text,
        sender_name=sender.full_name,
        sender_username=sender.username,
        thread_id=_topic(message),
        timestamp_ms=int(message.date.timestamp() * 1000),
        was_mentioned=_mentions(message, me),
        sender_meta=_meta(sender),
    )


def _topic(message: Message) -> str | None:
    """The forum topic. Outside forums Telegram numbers reply threads too; those are no conversations of their own."""
    return str(message.message_thread_id) if message.is_topic_message and message.message_thread_id else None


def _mentions(message: Message, me: User) -> bool:
    """Whether the message names the bot, commands it by name, or answers one of its messages. Channels §2.6."""
    answered = message.reply_to_message
    if answered is not None and answered.from_user is not None and answered.from_user.id == me.id:
        return answered.forum_topic_created is None
    name = f"@{me.username}".lower()
    for entity, text in {**message.parse_entities(MENTIONS), **message.parse_caption_entities(MENTIONS)}.items():
        if entity.type == MessageEntityType.TEXT_MENTION:
            if entity.user is not None and entity.user.id == me.id:
                return True
        elif text.lower().endswith(name):
            return True
    return False


def _meta(sender: User) -> dict[str, str]:
    said = {"username": sender.username, "firstName": sender.first_name, "lastName": sender.last_name}
    return {key: value for key, value in said.items() if value}
