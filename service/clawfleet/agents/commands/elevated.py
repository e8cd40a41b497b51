"""`/elevated`: whether commands of this session leave its sandbox. Source: tools-and-sessions §3.2."""

from __future__ import annotations

from clawfleet.agents.commands.base import Argument, Command, Typed, inline_level
from clawfleet.sessions.lifecycle import Patch
from clawfleet.tools.elevated import LEVELS

_ACKS = {
    "off": "⚙️ Elevated mode disabled.",
    "on": "⚙️ Elevated mode set to ask (approvals may still apply).",
    "ask": "⚙️ Elevated mode set to ask (approvals may still apply).",
    "full": "⚙️ Elevated mode set to full (auto-approve).",
}


async def _answer(typed: Typed) -> str:
    wanted, toolbox = typed.rest.strip().lower(), typed.desk.toolbox
    level, refusal = toolbox.elevation(typed.subject)
    if not wanted:
        return f"Current elevated level: {level}.\nOptions: on, ask, full, off."
    if wanted not in LEVELS:
        return f'Unrecognized elevated level "{typed.rest.strip()}". Valid levels: {", ".join(LEVELS)}.'
    if wanted != "off" and refusal is not None:
        return refusal
    await typed.desk.sessions.patch(typed.session.key, Patch(choices={"elevated": wanted}))
    if toolbox.is_sandboxed(typed.subject):
        return _ACKS[wanted]
    return f"{_ACKS[wanted]}\n⚙️ Runtime is direct; sandboxing does not apply."


ELEVATED = Command(
    "elevated",
    "Toggle elevated mode: run commands outside the sandbox.",
    "options",
    _answer,
    aliases=("elev",),
    arguments=(Argument("level", "off, on, ask or full; before a text for that message alone", LEVELS),),
    inline=inline_level("elevated", LEVELS),
)
