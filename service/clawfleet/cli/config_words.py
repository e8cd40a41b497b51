"""What `openclaw config` says about a key: that it is not there, what its default is, what a change of it means."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping

from clawfleet.config.change import Planned
from clawfleet.config.env import Instance
from clawfleet.config.keys import nearest
from clawfleet.config.load import Snapshot
from clawfleet.config.path import KeyPath, show_path
from clawfleet.config.plan import Kind, kind_of, plan
from clawfleet.config.ports import derived_port
from clawfleet.config.read import DEFAULT_TREE
from clawfleet.config.roster import ENTRIES, LIST
from clawfleet.config.shape import shape_at
from clawfleet.config.unused import reason_unused, siblings
from clawfleet.core.errors import GatewayError, NotFoundError

RESTART = "Restart the gateway to apply."
BY_ITSELF = "A running one does so by itself."
HOT = "Change will apply without restarting the gateway."
NO_RESTART = "No gateway restart needed."


class UnknownPath(NotFoundError):
    """No such key exists."""

    code = "CONFIG_PATH_UNKNOWN"


class Unset(NotFoundError):
    """The key exists, and the file does not set it."""

    code = "CONFIG_PATH_UNSET"


def not_there(instance: Instance, keys: KeyPath) -> GatewayError:
    """Why `config get` has nothing to print."""
    path = show_path(keys)
    today: KeyPath = (*ENTRIES, *keys[2:]) if keys[:2] == LIST else keys
    is_known = shape_at(today) is not None or any(
        reason_unused(keys[:length]) is not None for length in range(1, len(keys) + 1)
    )
    if any(isinstance(key, int) and key < 0 for key in keys) or not is_known:
        text = f"Unknown config path: {path}. Run openclaw config schema to inspect valid paths."
        return UnknownPath(text, hint=_did_you_mean(keys))
    default = _default(instance, keys)
    text = f"Config path is valid but unset: {path}. The runtime default applies until you set it"
    return Unset(f"{text} (default: {default})." if default else f"{text}.")


def _default(instance: Instance, keys: KeyPath) -> str:
    """The default as a person reads it; empty when there is none worth a word."""
    own: Mapping[KeyPath, object] = {
        ("gateway", "port"): derived_port(instance.profile),
        ("agents", "defaults", "workspace"): instance.shown(instance.workspace),
        ("logging", "file"): instance.shown(instance.log_file),
    }
    shape = shape_at(keys)
    value = own.get(keys, shape.default if shape and shape.kind != "object" else None)
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _did_you_mean(keys: KeyPath) -> str | None:
    """A hint at the first key of a path that is wrong."""
    for length in range(len(keys)):
        shape = shape_at(keys[:length])
        if shape is not None and shape_at(keys[: length + 1]) is None and shape.keys:
            near = nearest(str(keys[length]), [*shape.keys, *siblings(keys[:length])])
            return f"did you mean {show_path((*keys[:length], near))}?" if near else None
    return None


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


def _lost_tools(before: Snapshot, after: Snapshot) -> Iterator[str]:
    from clawfleet.tools.policy import decide, layers_for
    from clawfleet.tools.table import names

    offered = {each.name for each in decide(names(), layers_for(before.config, "", sandboxed=False)) if each.allowed}
    for each in decide(names(), layers_for(after.config, "", sandboxed=False)):
        if each.name in offered and not each.allowed:
            yield f"the tool {each.name} is no longer on offer: {each.key} removes it"
