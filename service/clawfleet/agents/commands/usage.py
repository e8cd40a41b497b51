"""`/usage off|tokens|full`: what answers on channels end with."""

from __future__ import annotations

from clawfleet.agents.commands.base import Argument, Command, Typed
from clawfleet.sessions.lifecycle import Patch

LEVELS = ("off", "tokens", "full")


async def _answer(typed: Typed) -> str:
    wanted = typed.rest.strip().lower()
    if not wanted:
        return f"Current usage footer: {typed.session.choices.response_usage or 'off'}.\nOptions: {', '.join(LEVELS)}."
    if wanted == "cost":
        return "⚠️ This gateway counts tokens, not costs. Use /usage tokens."
    if wanted not in LEVELS:
        return f'Unrecognized usage footer "{typed.rest.strip()}". Valid: {", ".join(LEVELS)}.'
    value = None if wanted == "off" else wanted
    await typed.desk.sessions.patch(typed.session.key, Patch(choices={"response_usage": value}))
    return f"⚙️ Usage footer set to {wanted}; it ends answers on channels."


USAGE = Command(
    "usage",
    "Set what answers on channels end with.",
    "options",
    _answer,
    arguments=(Argument("level", "off, tokens or full (with the model)", LEVELS),),
)
