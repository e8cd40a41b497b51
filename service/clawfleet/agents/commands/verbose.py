"""`/verbose off|on|full`: how much a chat is told of the tools that work for it. Source: tools-and-sessions §11."""

from __future__ import annotations

from clawfleet.agents.commands.base import Argument, Command, Typed, inline_level
from clawfleet.agents.shown import VERBOSE as LEVELS
from clawfleet.agents.shown import verbose_of
from clawfleet.core.requester import WEBCHAT
from clawfleet.sessions.lifecycle import Patch

_ACKS = {
    "off": "⚙️ Verbose logging disabled.",
    "on": "⚙️ Verbose logging enabled.",
    "full": "⚙️ Verbose logging set to full.",
}


async def _answer(typed: Typed) -> str:
    wanted = typed.rest.strip().lower()
    if not wanted:
        return f"Current verbose level: {verbose_of(typed.session, typed.desk.agents)}.\nOptions: on, full, off."
    if wanted not in LEVELS:
        return f'Unrecognized verbose level "{typed.rest.strip()}". Valid levels: {", ".join(LEVELS)}.'
    if typed.requester is not None and typed.requester.channel == WEBCHAT and not typed.is_owner:
        return "⚠️ /verbose is kept for a session by clients with operator.admin."
    await typed.desk.sessions.patch(typed.session.key, Patch(choices={"verbose": wanted}))
    return _ACKS[wanted]


VERBOSE = Command(
    "verbose",
    "Tell a chat of the tools that work for it.",
    "options",
    _answer,
    aliases=("v",),
    arguments=(
        Argument("level", "off, on (which) or full (with what they did); before a text for that alone", LEVELS),
    ),
    inline=inline_level("verbose", LEVELS),
)
