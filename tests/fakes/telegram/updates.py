"""Updates to inject, as the real API sends them; ids and dates are filled in by the fake. Pure."""

from __future__ import annotations

from typing import Any

from tests.fakes.telegram.markup import utf16_length

Update = dict[str, Any]


def user(user_id: int = 42, username: str = "al", first_name: str = "Al") -> dict[str, Any]:
    """A person."""
    return {"id": user_id, "is_bot": False, "first_name": first_name, "username": username}


def private_text(text: str, sender: dict[str, Any] | None = None, **more: Any) -> Update:
    """A direct message to the bot; `more` adds fields to the message (`reply_to_message=...`)."""
    person = sender or user()
    chat = {"id": person["id"], "type": "private"} | {key: person[key] for key in ("first_name", "username")}
    return {"message": {"from": person, "chat": chat, "text": text} | _entities(text) | more}


def group_text(
    text: str, sender: dict[str, Any] | None = None, *, chat_id: int = -1001234, title: str = "Ops", **more: Any
) -> Update:
    """A message in a group; `@name` and `/command` in the text become entities as the real API marks them."""
    chat = {"id": chat_id, "type": "supergroup", "title": title}
    return {"message": {"from": sender or user(), "chat": chat, "text": text} | _entities(text) | more}


def topic_text(text: str, topic: int, sender: dict[str, Any] | None = None, *, chat_id: int = -1001234) -> Update:
    """A message in a topic of a forum."""
    update = group_text(text, sender, chat_id=chat_id, message_thread_id=topic, is_topic_message=True)
    update["message"]["chat"]["is_forum"] = True
    return update


def _entities(text: str) -> dict[str, Any]:
    found = []
    position = 0
    for word in text.split(" "):
        kind = {"@": "mention", "/": "bot_command"}.get(word[:1])
        if kind and len(word) > 1 and (kind == "mention" or position == 0):
            found.append({"type": kind, "offset": position, "length": utf16_length(word)})
        position += utf16_length(word) + 1
    return {"entities": found} if found else {}
