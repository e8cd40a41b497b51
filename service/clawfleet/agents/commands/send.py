"""`/send on|off|inherit`: whether this session takes messages. `/send` itself is always heard."""

from __future__ import annotations

from clawfleet.agents.commands.base import Argument, Command, Typed
from clawfleet.sessions.lifecycle import Patch

_MEANS = {"on": None, "inherit": None, "off": "deny"}


async def _answer(typed: Typed) -> str:
    wanted = typed.rest.strip().lower()
    if not wanted:
        return f"Current send policy: {'off' if typed.session.choices.send_policy == 'deny' else 'on'}."
    if wanted not in _MEANS:
        return f'Unrecognized send policy "{typed.rest.strip()}". Valid: on, off, inherit.'
    if not typed.is_owner:
        return "⚠️ Only an owner may change the send policy (commands.ownerAllowFrom, or operator.admin)."
    await typed.desk.sessions.patch(typed.session.key, Patch(choices={"send_policy": _MEANS[wanted]}))
    return f"⚙️ Send policy set to {wanted}."


SEND = Command(
    "send",
    "Set whether this session takes messages.",
    "management",
    _answer,
    arguments=(Argument("policy", "on, off or inherit", ("on", "off", "inherit")),),
)
