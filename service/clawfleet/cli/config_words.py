"""What `openclaw config` says about a change: what it takes to be in force, what a person should hear about it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping

from clawfleet.config.change import Planned
from clawfleet.config.load import Snapshot
from clawfleet.config.path import KeyPath, show_path
from clawfleet.config.plan import Kind, kind_of, plan
from clawfleet.config.read import DEFAULT_TREE
from clawfleet.config.shape import shape_at
from clawfleet.config.unused import reason_unused

RESTART = "Restart the gateway to apply."
BY_ITSELF = "A running one does so by itself."
HOT = "Change will apply without restarting the gateway."
NO_RESTART = "No gateway restart needed."


def effect(keys: KeyPath) -> str:
    """What it takes for a change of a key to be in force in a gateway that follows its config file."""
    is_unused = any(reason_unused(keys[:length]) is not None for length in range(1, len(keys) + 1))
    return NO_RESTART if is_unused and shape_at(keys) is None else _effect({kind_of(keys)}, "hybrid")


def effect_of(planned: Planned) -> str:
    """What it takes for a change to be in force, as a gateway that runs with this config goes about it."""
    if planned.before is None or planned.after is None:
        return RESTART
    kinds = {change.kind for change in plan(planned.before, planned.after)}
    return _effect(kinds, planned.after.config.gateway.reload.mode)


def _effect(kinds: Collection[Kind], mode: str) -> str:
    if not {"hot", "restart"} & set(kinds):
        return NO_RESTART
    if mode == "off" or ("restart" in kinds and mode == "hot"):
        return RESTART
    return f"{RESTART} {BY_ITSELF}" if "restart" in kinds else HOT


def defaults_beside(made_for: Collection[KeyPath]) -> Iterator[str]:
    """`gateway.mode=local`, …: what a new file holds besides the keys that it was made for."""
    for path, value in _leaves((), DEFAULT_TREE):
        if path not in made_for:
            yield f"{show_path(path)}={value if isinstance(value, str) else json.dumps(value)}"


def _leaves(path: KeyPath, node: object) -> Iterator[tuple[KeyPath, object]]:
    if not isinstance(node, Mapping):
        yield path, node
        return
    for key, value in node.items():
        yield from _leaves((*path, key), value)


def remarks(planned: Planned, keys: KeyPath) -> Iterator[str]:
    """What a person should hear about a valid change: models that do not exist, tools that go away."""
    if planned.after is None:
        return
    if keys[0] == "agents":
        known = set(_unknown_models(planned.before)) if planned.before else set()
        yield from (text for text in _unknown_models(planned.after) if text not in known)
    if keys[0] == "tools" and planned.before is not None:
        yield from _lost_tools(planned.before, planned.after)


def _unknown_models(snapshot: Snapshot) -> Iterator[str]:
    from clawfleet.models.catalog import Catalog, UnknownModel

    catalog = Catalog.of(snapshot.config, snapshot.environ)
    agents = snapshot.config.agents
    choices = [agents.defaults.model, *(entry.model for entry in agents.entries.values() if entry.model)]
    for name in dict.fromkeys(ref for choice in choices for ref in (choice.primary, *(choice.fallbacks or ())) if ref):
        try:
            catalog.resolve(name)
        except UnknownModel as error:
            yield f"{error.message}; {error.hint}" if error.hint else error.message


LOST_NAMED = 6


def _lost_tools(before: Snapshot, after: Snapshot) -> Iterator[str]:
    from clawfleet.tools.layers import layers_for
    from clawfleet.tools.policy import decide
    from clawfleet.tools.subject import Subject
    from clawfleet.tools.table import names

    nobody = Subject("", "")
    offered = {each.name for each in decide(names(), layers_for(before.config, nobody)) if each.allowed}
    lost = [
        each for each in decide(names(), layers_for(after.config, nobody)) if each.name in offered and not each.allowed
    ]
    if lost:
        named = ", ".join(each.name for each in lost[:LOST_NAMED]) + (", …" if len(lost) > LOST_NAMED else "")
        keys = ", ".join(dict.fromkeys(each.key for each in lost if each.key))
        yield f"{len(lost)} tool(s) no longer on offer: {named} ({keys}); see openclaw tools explain"
