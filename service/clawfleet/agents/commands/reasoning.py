"""`/reasoning off|on|stream`: whether what models think is shown. Source: tools-and-sessions §11."""

from __future__ import annotations

from clawfleet.agents.commands.base import Argument, Command, Typed, inline_level
from clawfleet.agents.shown import REASONING as LEVELS
from clawfleet.agents.shown import reasoning_of
from clawfleet.sessions.lifecycle import Patch

_ACKS = {
    "off": "⚙️ Reasoning visibility disabled.",
    "on": "⚙️ Reasoning visibility enabled: chats get it as a message before the answer.",
    "stream": "⚙️ Reasoning stream enabled for connected clients; chats get the answer alone.",
}


async def _answer(typed: Typed) -> str:
    wanted = typed.rest.strip().lower()
    if not wanted:
        return f"Current reasoning level: {reasoning_of(typed.session, typed.desk.agents)}.\nOptions: on, off, stream."
    if wanted not in LEVELS:
        return f'Unrecognized reasoning level "{typed.rest.strip()}". Valid levels: {", ".join(LEVELS)}.'
    await typed.desk.sessions.patch(typed.session.key, Patch(choices={"reasoning": wanted}))
    return _ACKS[wanted]


REASONING = Command(
    "reasoning",
    "Show what the model thinks.",
    "options",
    _answer,
    aliases=("reason",),
    arguments=(Argument("level", "off, on or stream; before a text for that message alone", LEVELS),),
    inline=inline_level("reasoning", LEVELS),
)
