"""`/model`: which model answers in this session, and how it is reached. `/model <name>` chooses, `default` goes back.

Source: tools-and-sessions §11, models-and-auth §2.2.
"""

from __future__ import annotations

from collections.abc import Iterator

from clawfleet.agents.commands.base import Argument, Command, Typed
from clawfleet.agents.commands.models import models_of, near_names
from clawfleet.core.errors import GatewayError
from clawfleet.models.auth.outlook import Outlook, Seer
from clawfleet.models.auth.store import NoSuchProfile
from clawfleet.models.catalog import ModelNotAllowed, UnknownModel
from clawfleet.models.client import Models
from clawfleet.models.hosts import public_url
from clawfleet.models.refs import ModelRef, split_pin
from clawfleet.models.setups import ProviderSetup
from clawfleet.models.thinking import default_level
from clawfleet.sessions.lifecycle import Patch

_HINTS = (
    "Switch: /model <provider/model>, back: /model default",
    "Models: /models, how they are reached: /model status",
    "Scopes: -s this session (default), -a this agent, -g all agents.",
)
_BEYOND = frozenset(("-a", "--agent", "-g", "--global"))
_SESSION = frozenset(("-s", "--session"))


async def _answer(typed: Typed) -> str:
    words = [word for word in typed.rest.split() if word not in _SESSION]
    flags = [word for word in words if word.startswith("-")]
    wanted = next((word for word in words if word not in flags), "")
    await typed.desk.models.ring.refresh()
    match wanted:
        case "":
            return "\n".join((*_current(typed), "", *_HINTS))
        case "status":
            return "\n".join((*_current(typed), "", *_reached(typed)))
        case "list":
            return "\n".join(("Models:", *models_of(typed)))
        case "default":
            await typed.desk.sessions.patch(typed.session.key, Patch(choices={"model": None}))
            default = typed.desk.models.catalog.default(typed.session.agent_id)
            return f"Session model reset to configured default ({default})."
    return await _choose(typed, wanted, flags)


async def _choose(typed: Typed, wanted: str, flags: list[str]) -> str:
    catalog, session = typed.desk.models.catalog, typed.session
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
        return near_names(typed, wanted) or f"⚠️ {error.message}{f' ({error.hint})' if error.hint else ''}"
    if flags:
        return await _choose_beyond(typed, ref, flags[-1])
    await typed.desk.sessions.patch(session.key, Patch(choices={"model": chosen}))
    told = f"Model set to {ref} for this session only; configured default unchanged."
    return f"{told} Auth profile set to {profile}." if profile else told


async def _choose_beyond(typed: Typed, ref: str, flag: str) -> str:
    """Keep the choice in the config, for the agent or for all; the session follows it from now on."""
    if flag not in _BEYOND:
        return f"⚠️ {flag} is no scope of a model. {_HINTS[-1]}"
    if not typed.is_owner:
        return "⚠️ Only an owner may change more than this session (commands.ownerAllowFrom)."
    agent_id = typed.session.agent_id if flag in ("-a", "--agent") else None
    try:
        await typed.runs.choose_model(ref, agent_id)
    except GatewayError as error:
        return f"⚠️ {error.message}"
    await typed.desk.sessions.patch(typed.session.key, Patch(choices={"model": None}))
    return f"Model set to {ref} for {f'agent {agent_id}' if agent_id else 'all agents without their own'}."


def _current(typed: Typed) -> Iterator[str]:
    """What answers now, and what would without a choice."""
    catalog, session = typed.desk.models.catalog, typed.session
    default = catalog.default(session.agent_id)
    name, profile = split_pin(session.choices.model or str(default))
    try:
        ref = catalog.resolve(name)
    except UnknownModel:
        ref = default
    yield f"Current: {name}"
    yield f"Default: {default}"
    if profile:
        yield f"Auth profile: {profile}"
    yield f"Think: {session.choices.thinking or default_level(catalog.find(ref))}"
    fallbacks = () if session.choices.model else catalog.chain(default, session.agent_id)[1:]
    if fallbacks:
        yield f"Fallbacks: {', '.join(map(str, fallbacks))}"
    if problem := catalog.problem(ref):
        yield f"⚠️ {problem}"


def _reached(typed: Typed) -> Iterator[str]:
    """Each provider: where it is, what it speaks, and with which key its models are asked."""
    models, agent_id = typed.desk.models, typed.session.agent_id
    seer = _seer(models, agent_id)
    for setup in models.catalog.setups:
        rows = [row for row in models.catalog.rows if row.ref.provider == setup.id]
        allowed = [row.ref for row in rows if models.catalog.allows(row.ref, agent_id)]
        where = f"endpoint: {public_url(setup.base_url)} api: {setup.api}"
        yield f"[{setup.id}] {where} auth: {_auth(seer, setup, allowed)}"
        tags = models.catalog.tags(agent_id)
        yield from (f"• {ref}{_tagged(tags.get(ref, []))}" for ref in allowed)


def _auth(seer: Seer, setup: ProviderSetup, refs: list[ModelRef]) -> str:
    if setup.problem:
        return f"missing ({setup.problem})"
    found = seer.outlook(str(refs[0])) if refs else Outlook("", None)
    key = found.next
    if key is None:
        return "none needed"
    rests = f", resting after {key.resting.replace('_', ' ')}" if key.resting else ""
    return f"{key.shown} ({key.source}{rests})"


def _tagged(tags: list[str]) -> str:
    return f" ({', '.join(tags)})" if tags else ""


def _seer(models: Models, agent_id: str) -> Seer:
    return Seer(models.catalog, models.ring, models.auth, models.environ, agent_id)


MODEL = Command(
    "model",
    "Show or set the model.",
    "options",
    _answer,
    arguments=(Argument("model", "a model, `list`, `status` or `default`; -a, -g: keep it for the agent, for all"),),
)
