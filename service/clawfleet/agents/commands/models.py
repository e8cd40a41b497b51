"""`/models`: the providers, or the models of one. Source: tools-and-sessions §11."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from clawfleet.agents.commands.base import Argument, Command, Typed
from clawfleet.config.provider_ids import provider_id
from clawfleet.models.catalog import ModelRow
from clawfleet.models.refs import parse_ref

MOST_LISTED = 40


async def _answer(typed: Typed) -> str:
    wanted = provider_id(typed.rest.split(maxsplit=1)[0]) if typed.rest else ""
    counted = Counter(row.ref.provider for row in _usable(typed))
    if not wanted:
        lines = [f"- {name} ({count})" for name, count in counted.items()]
        return "\n".join(("Providers:", *lines, "", "Models of one: /models <provider>", "Switch: /model <model>"))
    if wanted not in counted:
        return _unknown(wanted)
    return "\n".join((f"Models of {wanted}:", *models_of(typed, wanted), "", "Switch: /model <model>"))


def models_of(typed: Typed, provider: str | None = None) -> Iterator[str]:
    """A line for each model that may be chosen, of one provider or of all, with what it is to the agent."""
    catalog, agent_id = typed.desk.models.catalog, typed.session.agent_id
    rows, tags = [row for row in _usable(typed) if provider in (None, row.ref.provider)], catalog.tags(agent_id)
    for row in rows[:MOST_LISTED]:
        said = ", ".join(tags.get(row.ref, []))
        yield f"- {row.ref} ({said})" if said else f"- {row.ref}"
    if len(rows) > MOST_LISTED:
        yield f"… and {len(rows) - MOST_LISTED} more"


def near_names(typed: Typed, wanted: str) -> str | None:
    """What is said of a model whose provider nobody knows; None when it is another thing that is wrong."""
    ref = parse_ref(wanted)
    known = {setup.id for setup in typed.desk.models.catalog.setups}
    return _unknown(ref.provider) if ref and ref.provider not in known else None


def _usable(typed: Typed) -> list[ModelRow]:
    catalog, agent_id = typed.desk.models.catalog, typed.session.agent_id
    return [row for row in catalog.rows if row.available and catalog.allows(row.ref, agent_id)]


def _unknown(provider: str) -> str:
    return f'Unknown provider "{provider}". Use /models to list providers.'


MODELS = Command(
    "models",
    "List providers, or the models of one.",
    "options",
    _answer,
    arguments=(Argument("provider", "a provider"),),
)
