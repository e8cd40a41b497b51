"""`/queue`: what becomes of a message while the session is busy: it waits for its turn."""

from __future__ import annotations

from clawfleet.agents.commands.base import Argument, Command, Typed
from clawfleet.agents.lanes import MAX_WAITING

_OTHERS = ("steer", "collect", "interrupt")
_VALID = ("steer", "followup", "collect", "interrupt")


async def _answer(typed: Typed) -> str:
    wanted = typed.rest.partition(" ")[0].lower()
    if wanted in ("", "default", "reset", "followup"):
        return f"Current queue settings: mode=followup, cap={MAX_WAITING}; a message more is refused."
    if wanted in _OTHERS:
        return f"⚠️ Queue mode {wanted} is not built into this gateway: messages wait for their turn (followup)."
    return f'Unrecognized queue mode "{wanted}". Valid modes: {", ".join(_VALID)}.'


QUEUE = Command(
    "queue",
    "Show what becomes of messages while the session is busy.",
    "options",
    _answer,
    arguments=(Argument("mode", "followup is the only one", ("followup",)),),
)
