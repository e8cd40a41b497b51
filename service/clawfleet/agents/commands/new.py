"""`/new` and `/reset`: the session begins anew. What follows the name is its first message."""

from __future__ import annotations

from clawfleet.agents.commands.base import Argument, Command, Typed

_FIRST = (Argument("message", "what to begin with"),)


async def _started(typed: Typed) -> str:
    return "✅ New session started."


async def _reset(typed: Typed) -> str:
    return "✅ Session reset."


NEW = Command("new", "Start a new session.", "session", _started, arguments=_FIRST, resets=True)
RESET = Command("reset", "Reset the current session.", "session", _reset, arguments=_FIRST, resets=True)
