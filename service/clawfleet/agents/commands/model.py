"""`/model`: which model answers in this session. `/model <name>` chooses, `/model default` goes back."""

from __future__ import annotations

from clawfleet.agents.commands.base import Argument, Command, Typed
from clawfleet.models.catalog import UnknownModel
from clawfleet.sessions.lifecycle import Patch

MOST_LISTED = 40


async def _answer(typed: Typed) -> str:
    wanted = typed.rest.split(maxsplit=1)[0] if typed.rest else "status"
    catalog, session = typed.desk.models.catalog, typed.session
    default = catalog.default(session.agent_id)
    if wanted in ("status", "list"):
        current = session.choices.model or str(default)
        if wanted == "status":
            return f"Current: {current}\nDefault: {default}\nSwitch: /model <provider/model>"
        return "\n".join(["Models:", *(f"- {row.ref}" for row in catalog.rows[:MOST_LISTED] if row.available)])
    if wanted == "default":
        await typed.desk.sessions.patch(session.key, Patch(choices={"model": None}))
        return f"Session model reset to configured default ({default})."
    try:
        ref = catalog.resolve(wanted, session.agent_id)
    except UnknownModel as error:
        return f"⚠️ {error.message}{f' ({error.hint})' if error.hint else ''}"
    await typed.desk.sessions.patch(session.key, Patch(choices={"model": str(ref)}))
    return f"Model set to {ref} for this session only; configured default unchanged."


MODEL = Command(
    "model",
    "Show or set the model.",
    "options",
    _answer,
    arguments=(Argument("model", "a model, `list`, `status` or `default`"),),
)
