"""`message`: a text to a chat on one of the gateway's channels. Source: tools-and-sessions §2; channels §2.12.

Only what the channels of this gateway can do is offered: sending text, as an answer or into a topic if wanted.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, field_validator

from clawfleet.core.errors import ChannelError
from clawfleet.core.messages import ToolSpec
from clawfleet.tools.arguments import Arguments
from clawfleet.tools.base import Tool, ToolContext, ToolResult
from clawfleet.tools.conversations.failures import NotSent
from clawfleet.tools.desk import Chat, Desk, Letter, Route
from clawfleet.tools.seat import Seat

MOST_TARGETS = 20
PREFIXES = {"tg": "telegram"}


class MessageArguments(Arguments):
    """What a model may ask of message."""

    action: Annotated[Literal["send"], Field(description="What to do.")]
    message: Annotated[
        str, Field(min_length=1, validation_alias=AliasChoices("message", "caption"), description="The text, Markdown.")
    ]
    target: Annotated[
        str | None,
        Field(
            validation_alias=AliasChoices("target", "to"),
            description="Chat to send to, as the platform names it; default: the chat of this conversation.",
        ),
    ] = None
    targets: Annotated[
        list[str], Field(default_factory=list, max_length=MOST_TARGETS, description="Several chats instead.")
    ]
    channel: Annotated[str | None, Field(description="Platform, when there are several.")] = None
    account_id: Annotated[
        str | None, Field(validation_alias="accountId", description="Account, when there are several.")
    ] = None
    thread_id: Annotated[str | None, Field(validation_alias="threadId", description="Topic or thread in the chat.")] = (
        None
    )
    reply_to: Annotated[str | None, Field(validation_alias="replyTo", description="Id of the message to answer.")] = (
        None
    )
    dry_run: Annotated[bool, Field(validation_alias="dryRun", description="Only say where it would go.")] = False

    @field_validator("message")
    @classmethod
    def _says_something(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("must say something")
        return value


class MessageTool:
    """Sends through the accounts that were configured when the turn began."""

    spec = ToolSpec(
        name="message",
        description=(
            "Send a text message to a chat on a messaging channel. Not for answering in this conversation: your answer "
            "goes there by itself; after sending it there with this tool, answer NO_REPLY."
        ),
        parameters=MessageArguments.parameters(),
    )

    def __init__(self, desk: Desk, routes: Sequence[Route]) -> None:
        self._desk = desk
        self._routes = tuple(routes)

    async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
        """Where it went, as JSON. Raises `BadArguments`, `NotSent` when nothing went out."""
        asked = MessageArguments.read(self.spec.name, arguments)
        letters = self._letters(asked, self._desk.chat_of(context.run_id))
        rows = [_row(letter, asked.dry_run) for letter in letters]
        if not asked.dry_run:
            sent = await asyncio.gather(*(self._send(letter) for letter in letters))
            rows = [row | result for row, result in zip(rows, sent, strict=True)]
        failed = [row for row in rows if "error" in row]
        if len(failed) == len(rows):
            raise NotSent(f"Not sent: {failed[0]['error']}")
        answer: dict[str, object] = {"action": "send", "dryRun": asked.dry_run, "handledBy": "core"}
        answer |= {**rows[0], "payload": rows[0]} if len(rows) == 1 else {"results": rows}
        return ToolResult(json.dumps(answer, ensure_ascii=False, indent=1), details=answer)

    def _letters(self, asked: MessageArguments, here: Chat | None) -> list[Letter]:
        targets = [each for each in (asked.target, *asked.targets) if each and each.strip()]
        if not targets:
            if here is None:
                raise NotSent("message needs a target: this conversation is not a chat of a channel.")
            thread = asked.thread_id or here.thread_id
            return [Letter(here.route, here.to, asked.message, thread, asked.reply_to)]
        letters = []
        for target in targets:
            channel, chat, topic = _target(target.strip(), [route.channel for route in self._routes])
            if channel and asked.channel and channel != asked.channel:
                raise NotSent(f"The target {target} is on {channel}, not on {asked.channel}.")
            route = self._route(channel or asked.channel, asked.account_id, here)
            letters.append(Letter(route, chat, asked.message, asked.thread_id or topic, asked.reply_to))
        return letters

    def _route(self, channel: str | None, account: str | None, here: Chat | None) -> Route:
        """The account that is named; else the one of this conversation, else the first of the only channel."""
        known = list(dict.fromkeys(route.channel for route in self._routes))
        wanted = channel or (here.route.channel if here else None) or (known[0] if len(known) == 1 else None)
        if wanted is None:
            raise NotSent(f"message needs a channel: {', '.join(known)}.")
        if account is None and here is not None and here.route.channel == wanted:
            account = here.route.account
        for route in self._routes:
            if route.channel == wanted and account in (None, route.account):
                return route
        raise NotSent(
            f"No account of {wanted} is named {account}."
            if wanted in known
            else f"The channel {wanted} is not set up.",
            hint=f"Channels: {', '.join(known)}.",
        )

    async def _send(self, letter: Letter) -> dict[str, object]:
        try:
            ids = await self._desk.send(letter)
        except ChannelError as error:
            return {"ok": False, "error": error.message}
        return {"ok": True, "messageId": ids[-1] if ids else ""}


def _row(letter: Letter, dry_run: bool) -> dict[str, object]:
    row: dict[str, object] = {"channel": letter.route.channel, "accountId": letter.route.account, "chatId": letter.to}
    if letter.thread_id:
        row["threadId"] = letter.thread_id
    return row | ({"ok": True} if dry_run else {})


def _target(text: str, channels: Sequence[str]) -> tuple[str | None, str, str | None]:
    """(channel, chat, topic) of `42`, `telegram:42`, `tg:-100:topic:7`."""
    prefix, colon, rest = text.partition(":")
    channel = PREFIXES.get(prefix.lower(), prefix.lower())
    if not colon or channel not in channels:
        channel, rest = "", text
    chat, _, topic = rest.partition(":topic:")
    return channel or None, chat, topic or None


def for_seat(seat: Seat) -> Tool | None:
    """message, where an account is set up."""
    routes = seat.desk.routes() if seat.desk else ()
    return MessageTool(seat.desk, routes) if seat.desk and routes else None
