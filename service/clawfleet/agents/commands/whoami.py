"""`/whoami`: who the gateway takes the sender for."""

from __future__ import annotations

from clawfleet.agents.commands.base import Command, Typed


async def _answer(typed: Typed) -> str:
    asked = typed.requester
    if asked is None:
        return "🧭 Identity\nChannel: none (the gateway itself)"
    lines = ["🧭 Identity", f"Channel: {asked.channel}"]
    for label, value in (("User id", asked.sender_id), ("Username", asked.username), ("Name", asked.name)):
        if value:
            lines.append(f"{label}: {value}")
    if asked.chat_type in ("group", "channel"):
        lines.append(f"Chat: {asked.chat_id} ({asked.chat_type})")
    if asked.sender_id:
        lines.append(f"AllowFrom: {asked.sender_id}")
    lines.append(f"Owner: {'yes' if asked.is_owner else 'no'}")
    return "\n".join(lines)


WHOAMI = Command("whoami", "Show your sender id.", "status", _answer, aliases=("id",))
