"""`/compact`: the conversation so far is summed up, so that later turns read less."""

from __future__ import annotations

from clawfleet.agents.commands.base import Argument, Command, Typed
from clawfleet.core.errors import GatewayError


async def _answer(typed: Typed) -> str:
    try:
        result = await typed.runs.compact(typed.session, typed.rest)
    except GatewayError as error:
        return f"⚙️ Compaction failed: {error.message}"
    if not result.done:
        return f"⚙️ Compaction skipped: {result.reason}."
    return f"⚙️ Compacted (about {result.tokens_before} tokens before)."


COMPACT = Command(
    "compact",
    "Compact the session context.",
    "session",
    _answer,
    arguments=(Argument("instructions", "what the summary must keep"),),
)
