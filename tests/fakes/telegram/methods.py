"""What a bot may call. Each method is a function of the bot and the parameters; METHODS is the table of them all.

Descriptions of refusals are those of the real API as far as clients match on them. Source: Bot API; channels §5.1.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from tests.fakes.telegram.bot import Bot
from tests.fakes.telegram.errors import bad_request
from tests.fakes.telegram.markup import read_html, utf16_length
from tests.fakes.telegram.params import Params

MAX_TEXT_UNITS = 4096
MAX_COMMANDS = 100
GENERAL_TOPIC = 1
COMMAND = re.compile(r"[a-z0-9_]{1,32}")
ACTIONS = frozenset(
    {
        *("typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice"),
        *("upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note"),
    }
)

Method = Callable[[Bot, Params], Awaitable[Any]]


async def get_me(bot: Bot, params: Params) -> Any:
    """Who the bot is."""
    return bot.me()


async def get_updates(bot: Bot, params: Params) -> Any:
    """The next updates, after waiting for one."""
    allowed = params.nested("allowed_updates")
    return await bot.fetch(params.number("offset"), params.number("limit", 100), params.number("timeout"), allowed)


async def set_webhook(bot: Bot, params: Params) -> Any:
    """From now on getUpdates is refused."""
    bot.webhook_url = params.text("url")
    return True


async def delete_webhook(bot: Bot, params: Params) -> Any:
    """getUpdates works again; pending updates can be dropped with it."""
    bot.webhook_url = ""
    if params.flag("drop_pending_updates"):
        bot.updates.clear()
    return True


async def get_webhook_info(bot: Bot, params: Params) -> Any:
    """Whether a webhook is set."""
    return {"url": bot.webhook_url, "has_custom_certificate": False, "pending_update_count": len(bot.updates)}


async def send_message(bot: Bot, params: Params) -> Any:
    """Sends a text: to a known chat, not empty, not too long, with markup that can be parsed."""
    chat_id = _chat(bot, params)
    content = _content(params)
    thread = params.number("message_thread_id")
    if thread:
        if thread == GENERAL_TOPIC or not bot.chats[chat_id].get("is_forum"):
            raise bad_request("message thread not found")
        content |= {"message_thread_id": thread, "is_topic_message": True}
    reply = params.nested("reply_parameters") or {}
    if reply:
        answered = bot.messages.get((chat_id, int(reply["message_id"])))
        if answered is not None:
            content["reply_to_message"] = {key: answered[key] for key in ("message_id", "date", "chat")}
        elif not reply.get("allow_sending_without_reply"):
            raise bad_request("message to be replied not found")
    return bot.new_message(chat_id, content)


async def edit_message_text(bot: Bot, params: Params) -> Any:
    """Another text for a message that the bot sent."""
    message = bot.own_message(_chat(bot, params), params.number("message_id"), "edit")
    content = _content(params)
    if (message.get("text"), message.get("entities")) == (content["text"], content.get("entities")):
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly the same "
            "as a current content and reply markup of the message"
        )
    message.pop("entities", None)
    message |= content
    return message


async def delete_message(bot: Bot, params: Params) -> Any:
    """Takes a message of the bot away."""
    message = bot.own_message(_chat(bot, params), params.number("message_id"), "delete")
    del bot.messages[message["chat"]["id"], message["message_id"]]
    return True


async def send_chat_action(bot: Bot, params: Params) -> Any:
    """`typing` and its like."""
    _chat(bot, params)
    if params.text("action") not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    return True


async def set_message_reaction(bot: Bot, params: Params) -> Any:
    """An emoji on a message."""
    if (_chat(bot, params), params.number("message_id")) not in bot.messages:
        raise bad_request("message to react not found")
    return True


async def get_chat(bot: Bot, params: Params) -> Any:
    """A chat that the bot knows."""
    chat = bot.chats[_chat(bot, params)]
    return chat | {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": GIFTS}


async def set_my_commands(bot: Bot, params: Params) -> Any:
    """The menu of commands for one scope."""
    commands = params.nested("commands")
    if not isinstance(commands, list) or len(commands) > MAX_COMMANDS:
        raise bad_request(f"expected an Array of at most {MAX_COMMANDS} BotCommand")
    for row in commands:
        if not COMMAND.fullmatch(row.get("command", "").removeprefix("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(row.get("description", "")) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    bot.commands[_scope(params)] = commands
    return True


async def delete_my_commands(bot: Bot, params: Params) -> Any:
    """No menu for one scope."""
    bot.commands.pop(_scope(params), None)
    return True


async def get_my_commands(bot: Bot, params: Params) -> Any:
    """The menu of one scope."""
    return bot.commands.get(_scope(params), [])


async def answer_callback_query(bot: Bot, params: Params) -> Any:
    """A button click was seen."""
    if not params.text("callback_query_id"):
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    return True


GIFTS = {
    "unlimited_gifts": False,
    "limited_gifts": False,
    "unique_gifts": False,
    "premium_subscription": False,
    "gifts_from_channels": False,
}

# Names are matched without regard to case, as the real API does.
METHODS: dict[str, Method] = {
    "getme": get_me,
    "getupdates": get_updates,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
    "sendmessage": send_message,
    "editmessagetext": edit_message_text,
    "deletemessage": delete_message,
    "sendchataction": send_chat_action,
    "setmessagereaction": set_message_reaction,
    "getchat": get_chat,
    "setmycommands": set_my_commands,
    "deletemycommands": delete_my_commands,
    "getmycommands": get_my_commands,
    "answercallbackquery": answer_callback_query,
}


def _chat(bot: Bot, params: Params) -> int:
    """The id of a chat that the bot knows. Raises BotApiError 400."""
    given = params.text("chat_id")
    if not given:
        raise bad_request("chat_id is empty")
    if given.startswith("@"):
        for chat_id, chat in bot.chats.items():
            if f"@{chat.get('username')}" == given:
                return chat_id
    elif re.fullmatch(r"-?\d+", given) and int(given) in bot.chats:
        return int(given)
    raise bad_request("chat not found")


def _content(params: Params) -> dict[str, Any]:
    """Text and entities of a message. Raises BotApiError 400."""
    text, mode = params.text("text"), params.text("parse_mode")
    if mode.upper() not in {"", "HTML"}:
        raise bad_request(f"unsupported parse_mode {mode}: this fake reads HTML only")
    plain, entities = read_html(text) if mode else (text, params.nested("entities") or [])
    if not plain.strip():
        raise bad_request("message text is empty")
    if utf16_length(plain) > MAX_TEXT_UNITS:
        raise bad_request("message is too long")
    return {"text": plain.rstrip()} | ({"entities": entities} if entities else {})


def _scope(params: Params) -> str:
    scope = params.nested("scope") or {"type": "default"}
    return ":".join(str(scope[key]) for key in ("type", "chat_id", "user_id") if key in scope)
