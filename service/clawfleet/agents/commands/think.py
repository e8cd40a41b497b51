"""`/think`: how hard the model thinks in this session, as far as the model can be told."""

from __future__ import annotations

from clawfleet.agents.commands.base import Argument, Command, Typed
from clawfleet.models.thinking import default_level, levels
from clawfleet.sessions.lifecycle import Patch


async def _answer(typed: Typed) -> str:
    session, catalog = typed.session, typed.desk.models.catalog
    ref = catalog.resolve(session.choices.model) if session.choices.model else catalog.default(session.agent_id)
    row = catalog.find(ref)
    wanted, known = typed.rest.strip().lower(), levels(row)
    if not wanted:
        current = session.choices.thinking or default_level(row)
        return f"Current thinking level: {current}.\nOptions: {', '.join(known)}, default."
    if wanted == "default":
        await typed.desk.sessions.patch(session.key, Patch(choices={"thinking": None}))
        return f"Thinking level reset to default ({default_level(row)})."
    if wanted not in known:
        return f'Thinking level "{typed.rest.strip()}" is not supported for {ref}. Use one of: {", ".join(known)}.'
    await typed.desk.sessions.patch(session.key, Patch(choices={"thinking": wanted}))
    return "Thinking disabled." if wanted == "off" else f"Thinking level set to {wanted}."


THINK = Command(
    "think",
    "Set thinking level.",
    "options",
    _answer,
    aliases=("thinking", "t"),
    arguments=(Argument("level", "a level of the model, or `default`"),),
)
