"""`/model`: which model answers in this session. `/model <name>` chooses, `/model default` goes back."""

from __future__ import annotations

from clawfleet.agents.commands.base import Argument, Command, Typed
from clawfleet.models.auth.store import NoSuchProfile
from clawfleet.models.catalog import ModelNotAllowed, UnknownModel
from clawfleet.models.refs import split_pin
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
        chosen = catalog.choose(wanted, session.agent_id)
        ref, profile = split_pin(chosen)
        if profile:
            await typed.desk.models.check_profile(profile, ref, session.agent_id)
    except ModelNotAllowed as error:
        return (
            f'⚠️ Model override "{error.ref}" is not allowed by agents.defaults.modelPolicy.allow. '
            f'Add "{error.ref}" or "{error.ref.provider}/*" to that list.'
        )
    except (UnknownModel, NoSuchProfile) as error:
        return f"⚠️ {error.message}{f' ({error.hint})' if error.hint else ''}"
    await typed.desk.sessions.patch(session.key, Patch(choices={"model": chosen}))
    told = f"Model set to {ref} for this session only; configured default unchanged."
    return f"{told} Auth profile set to {profile}." if profile else told


MODEL = Command(
    "model",
    "Show or set the model.",
    "options",
    _answer,
    arguments=(Argument("model", "a model, `list`, `status` or `default`"),),
)
