"""The fake Bot API, judged by python-telegram-bot: what holds here holds for any bot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import telegram
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter
from telegram.ext import Application, MessageHandler, filters

from tests.fakes.telegram.updates import group_text, private_text, topic_text, user
from tests.support.fake_telegram import TelegramControl


@pytest.fixture(params=["process", pytest.param("container", marks=pytest.mark.docker)])
def fake(request: pytest.FixtureRequest) -> TelegramControl:
    """The fake in this process and, by the same code, as a container."""
    name = "fake_telegram" if request.param == "process" else "fake_telegram_container"
    found: TelegramControl = request.getfixturevalue(name)
    found.reset()
    return found


@pytest.fixture
async def bot(fake: TelegramControl) -> AsyncIterator[telegram.Bot]:
    """The first bot, as the library has it."""
    async with _bot(fake, fake.token) as bot:
        yield bot


def _bot(fake: TelegramControl, token: str) -> telegram.Bot:
    return telegram.Bot(token, base_url=f"{fake.root_url}/bot", base_file_url=f"{fake.root_url}/file/bot")


async def test_a_bot_knows_itself(fake: TelegramControl, bot: telegram.Bot) -> None:
    """getMe has all that the library wants; an unknown token is refused."""
    assert bot.username == "fake_1001_bot"
    assert bot.bot.is_bot
    stranger = _bot(fake, "1003:nobody")
    with pytest.raises(InvalidToken):
        await stranger.initialize()
    await stranger.shutdown()


async def test_a_running_bot_answers_a_message(fake: TelegramControl) -> None:
    """The library's own polling application: message in, typing, reply out in the same chat."""
    builder = Application.builder().token(fake.token)
    application = builder.base_url(f"{fake.root_url}/bot").base_file_url(f"{fake.root_url}/file/bot").build()

    async def answer(update: telegram.Update, context: object) -> None:
        assert update.message is not None
        await update.message.chat.send_action("typing")
        await update.message.reply_text(f"heard {update.message.text}")

    application.add_handler(MessageHandler(filters.TEXT, answer))
    async with application:
        assert application.updater is not None
        await application.updater.start_polling()
        await application.start()
        injected = fake.inject(private_text("hello", user(42)))
        (sent,) = await asyncio.to_thread(fake.sent, at_least=1)
        state = await asyncio.to_thread(fake.state, confirmed=injected["update_id"])
        await application.updater.stop()
        await application.stop()
    assert (sent["chat_id"], sent["text"]) == (42, "heard hello")
    assert [call["method"] for call in fake.calls()][:3] == ["getMe", "deleteWebhook", "getUpdates"]
    assert fake.calls("sendChatAction")[0]["params"]["action"] == "typing"
    assert state["pending"] == []


async def test_updates_stay_until_a_higher_offset_confirms_them(fake: TelegramControl, bot: telegram.Bot) -> None:
    """Asking again without offset gives the same updates; a higher offset drops them, a negative one skips."""
    first, second, third = [fake.inject(private_text(text))["update_id"] for text in ("a", "b", "c")]
    assert [update.update_id for update in await bot.get_updates()] == [first, second, third]
    assert [update.update_id for update in await bot.get_updates(limit=2)] == [first, second]
    assert [update.update_id for update in await bot.get_updates(offset=second)] == [second, third]
    assert fake.state()["confirmed"] == first
    assert [update.update_id for update in await bot.get_updates(offset=-1)] == [third]


async def test_a_poll_waits_for_an_update(fake: TelegramControl, bot: telegram.Bot) -> None:
    """getUpdates with a timeout is open until something comes, and empty when nothing does."""
    assert await bot.get_updates(timeout=0) == ()
    polling = asyncio.ensure_future(bot.get_updates(timeout=20))
    await asyncio.to_thread(fake.calls, "getUpdates", at_least=2)
    assert not polling.done()
    await asyncio.to_thread(fake.inject, private_text("at last"))
    (update,) = await polling
    assert update.message is not None
    assert update.message.text == "at last"


async def test_the_older_of_two_pollers_is_ended(fake: TelegramControl, bot: telegram.Bot) -> None:
    """One token in two gateways: the newcomer takes over, the other gets 409."""
    older = asyncio.ensure_future(bot.get_updates(timeout=20))
    await asyncio.to_thread(fake.calls, "getUpdates", at_least=1)
    async with _bot(fake, fake.token) as rival:
        newer = asyncio.ensure_future(rival.get_updates(timeout=20))
        with pytest.raises(Conflict, match="terminated by other getUpdates"):
            await older
        await asyncio.to_thread(fake.inject, private_text("for the newcomer"))
        assert len(await newer) == 1


async def test_a_webhook_excludes_polling(bot: telegram.Bot) -> None:
    """409 until the webhook is deleted."""
    await bot.set_webhook("https://bot.example/hook")
    with pytest.raises(Conflict, match="webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook()
    assert await bot.get_updates() == ()


async def test_messages_of_two_bots_never_cross(fake: TelegramControl, bot: telegram.Bot) -> None:
    """Each token has its own updates and chats."""
    fake.inject(private_text("for the second"), token=fake.second_token)
    assert await bot.get_updates() == ()
    async with _bot(fake, fake.second_token) as second:
        assert len(await second.get_updates()) == 1
        await second.send_message(42, "hi")
        with pytest.raises(BadRequest, match=r"(?i)chat not found"):
            await bot.send_message(42, "hi")
    assert [sent["bot"] for sent in fake.sent()] == [1002]


async def test_html_becomes_text_and_entities(fake: TelegramControl, bot: telegram.Bot) -> None:
    """Offsets count UTF-16 units; a code block keeps its language; references are resolved."""
    fake.add_chat({"id": 42, "type": "private", "first_name": "Al"})
    source = '👋 <b>bold <i>both</i></b> &lt;x&gt; <a href="https://a.example/?b=1&amp;c=2">link</a>'
    message = await bot.send_message(42, source, parse_mode="HTML")
    assert message.text == "👋 bold both <x> link"
    found = [(entity.type, entity.offset, entity.length, entity.url) for entity in message.entities]
    assert found == [
        ("bold", 3, 9, None),
        ("italic", 8, 4, None),
        ("text_link", 17, 4, "https://a.example/?b=1&c=2"),
    ]
    block = await bot.send_message(42, '<pre><code class="language-py">x = 1</code></pre>', parse_mode="HTML")
    assert [(entity.type, entity.language) for entity in block.entities] == [("pre", "py")]
    assert fake.sent()[0]["source"] == source


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<b>never closed", 'find end tag corresponding to start tag "b"'),
        ("<b><i>crossed</b></i>", 'Unmatched end tag at byte offset 13, expected "</i>", found "</b>"'),
        ("é <blink>x</blink>", 'Unsupported start tag "blink" at byte offset 3'),
        ("stray</b>", "Unexpected end tag at byte offset 5"),
        ("1 < 2", "Unclosed start tag at byte offset 2"),
    ],
)
async def test_broken_html_is_refused(fake: TelegramControl, bot: telegram.Bot, text: str, reason: str) -> None:
    """400 with the words that clients look for; without parse_mode the same text is fine."""
    fake.add_chat({"id": 42, "type": "private"})
    with pytest.raises(BadRequest) as caught:
        await bot.send_message(42, text, parse_mode="HTML")
    assert caught.value.message.lower().startswith("can't parse entities")
    assert reason.lower() in caught.value.message
    assert (await bot.send_message(42, text)).text == text


async def test_length_counts_what_is_left_of_the_markup(fake: TelegramControl, bot: telegram.Bot) -> None:
    """4096 UTF-16 units of plain text; an emoji is two; nothing but blanks is empty."""
    fake.add_chat({"id": 42, "type": "private"})
    await bot.send_message(42, f"<b>{'x' * 4096}</b>", parse_mode="HTML")
    await bot.send_message(42, "👋" * 2048)
    with pytest.raises(BadRequest, match=r"(?i)message is too long"):
        await bot.send_message(42, "👋" * 2048 + "x")
    with pytest.raises(BadRequest, match=r"(?i)message text is empty"):
        await bot.send_message(42, " \n ")


async def test_replies_and_topics_must_exist(fake: TelegramControl, bot: telegram.Bot) -> None:
    """A reply names a message of the chat, a topic is one of a forum, and the general topic has no number."""
    asked = fake.inject(group_text("@fake_1001_bot help", chat_id=-100))["message"]
    assert asked["entities"] == [{"type": "mention", "offset": 0, "length": 14}]
    reply = await bot.send_message(-100, "yes", reply_parameters=telegram.ReplyParameters(asked["message_id"]))
    assert reply.reply_to_message is not None
    with pytest.raises(BadRequest, match=r"(?i)replied not found"):
        await bot.send_message(-100, "yes", reply_parameters=telegram.ReplyParameters(999))
    await bot.send_message(
        -100, "yes", reply_parameters=telegram.ReplyParameters(999, allow_sending_without_reply=True)
    )
    with pytest.raises(BadRequest, match=r"(?i)thread not found"):
        await bot.send_message(-100, "yes", message_thread_id=7)
    fake.inject(topic_text("in a topic", 7, chat_id=-200))
    assert (await bot.send_message(-200, "yes", message_thread_id=7)).message_thread_id == 7
    with pytest.raises(BadRequest, match=r"(?i)thread not found"):
        await bot.send_message(-200, "yes", message_thread_id=1)
    assert [sent["reply_to"] for sent in fake.sent()] == [asked["message_id"], None, None]


async def test_edits_actions_reactions_and_chats(fake: TelegramControl, bot: telegram.Bot) -> None:
    """The smaller methods, each with what it refuses."""
    asked = fake.inject(private_text("hello"))["message"]
    message = await bot.send_message(42, "one")
    await message.edit_text("two")
    with pytest.raises(BadRequest, match=r"(?i)not modified"):
        await message.edit_text("two")
    with pytest.raises(BadRequest, match=r"(?i)can't be edited"):
        await bot.edit_message_text("mine", 42, asked["message_id"])
    with pytest.raises(BadRequest, match=r"(?i)wrong parameter action"):
        await bot.send_chat_action(42, "dancing")
    assert await bot.set_message_reaction(42, asked["message_id"], "👀")
    assert (await bot.get_chat(42)).first_name == "Al"
    assert await message.delete()
    assert [sent["text"] for sent in fake.sent()] == ["one", "two"]


async def test_the_menu_of_commands_is_kept_by_scope(bot: telegram.Bot) -> None:
    """Set, read, delete; a name that Telegram refuses is refused."""
    groups = telegram.BotCommandScopeAllGroupChats()
    await bot.set_my_commands([("help", "Says what I can do")])
    await bot.set_my_commands([("status", "Says how I am")], scope=groups)
    assert [row.command for row in await bot.get_my_commands()] == ["help"]
    await bot.delete_my_commands(scope=groups)
    assert await bot.get_my_commands(scope=groups) == ()
    with pytest.raises(BadRequest, match=r"(?i)BOT_COMMAND_INVALID"):
        await bot.set_my_commands([("Not-A-Name", "x")])


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")  # RetryAfter warns of its own attribute
async def test_ordered_failures_come_once_each(fake: TelegramControl, bot: telegram.Bot) -> None:
    """429 with its wait, 403, 500, a dropped connection; then all is well again."""
    fake.add_chat({"id": 42, "type": "private"})
    fake.fail(
        {"method": "sendMessage", "status": 429, "retry_after": 2},
        {"method": "sendMessage", "status": 403},
        {"method": "sendMessage", "status": 500},
        {"method": "sendMessage", "drop": True},
        {"method": "sendMessage", "drop": True, "done": True},
    )
    with pytest.raises(RetryAfter) as wait:
        await bot.send_message(42, "a")
    assert wait.value.retry_after == 2
    with pytest.raises(Forbidden, match="blocked by the user"):
        await bot.send_message(42, "b")
    for text in ("c", "d", "e"):
        with pytest.raises(NetworkError):
            await bot.send_message(42, text)
    assert (await bot.send_message(42, "f")).text == "f"
    assert [sent["text"] for sent in fake.sent()] == ["e", "f"]
    assert [call["status"] for call in fake.calls("sendMessage")] == [429, 403, 500, 0, 0, 200]


async def test_an_update_can_be_sent_again(fake: TelegramControl, bot: telegram.Bot) -> None:
    """The same update twice, as after a lost confirmation."""
    injected = fake.inject(private_text("once"))
    fake.inject(injected)
    first, second = await bot.get_updates()
    assert first.update_id == second.update_id == injected["update_id"]
