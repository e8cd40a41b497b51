"""A config as clients send it, made into the text of the operator's file: whole (`replaced`) or by a patch (`patched`).

Secrets that were shown as the redaction marker come back from the file; comments, order and spelling of what stays
are kept. Nothing is written here. Source: protocol §12.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pyjson5

from clawfleet.config.edit import set_value
from clawfleet.config.guard import check_mode
from clawfleet.config.json_kind import kind_of
from clawfleet.config.layout import Json5Syntax, lay_out
from clawfleet.config.path import KeyPath, show_path
from clawfleet.config.redacted import REDACTED, restored
from clawfleet.config.roster import as_entries, as_list
from clawfleet.core.errors import RequestError

Tree = Mapping[str, Any]


class NotJson5(RequestError):
    """What a client sent is no config at all."""

    code = "NOT_JSON5"


def read_raw(raw: str) -> Tree:
    """The tree of a config, or of a patch, as a client sent it. Raises `NotJson5`."""
    try:
        tree = pyjson5.decode(raw)
    except pyjson5.Json5Exception as error:
        raise NotJson5(_fault(raw, error)) from None
    if not isinstance(tree, dict):
        raise NotJson5(f"invalid config: <root>: Invalid input: expected object, received {kind_of(tree)}")
    return tree


def replaced(text: str, raw: str) -> str:
    """The text of a file that says what `raw` says. Raises `NotJson5`, `NothingBehind`, `WouldLose`.

    A raw text with comments of its own is taken as it was written.
    """
    tree, old = read_raw(raw), read_raw(text)
    new = restored(tree, old)
    check_mode(old, new)
    if REDACTED not in raw and not _is_plain_json(raw):
        return raw
    return set_value(text, (), _in_order_of(old, new))


def patched(text: str, raw: str, replace: Collection[str] = ()) -> str:
    """The text of a file after a patch: objects merge, null takes away, everything else replaces.

    `replace` are key paths whose objects replace too; agents merge by their id under either name of the roster. Raises
    as `replaced` does.
    """
    patch, old = read_raw(raw), read_raw(text)
    new = _merged_rosters(old, patch, replace)
    check_mode(old, new)
    return set_value(text, (), _in_order_of(old, new))


def leaves_of(tree: Tree, path: KeyPath = ()) -> Iterator[str]:
    """The key paths that a patch touches."""
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from leaves_of(value, (*path, key))
        else:
            yield show_path((*path, key))


def _merged_rosters(old: Tree, patch: Tree, replace: Collection[str]) -> dict[str, Any]:
    """Merge with agents by id, and the roster under the name that the file has for it."""
    has_list = isinstance(_agents(old).get("list"), list)
    merged: dict[str, Any] = _merged(with_entries(old), with_entries(patch), replace)
    agents = _agents(merged)
    if has_list and "entries" in agents:
        named = {"list" if key == "entries" else key: value for key, value in agents.items()}
        merged["agents"] = named | {"list": as_list(agents["entries"])}
    return merged


def with_entries(tree: Tree) -> Tree:
    """The tree with its agents by id, where they are a list."""
    agents = _agents(tree)
    if not isinstance(rows := agents.get("list"), list) or "entries" in agents:
        return tree
    entries = as_entries(rows)
    if isinstance(entries, list):
        return tree
    named = {"entries" if key == "list" else key: value for key, value in agents.items()}
    return {**tree, "agents": named | {"entries": entries}}


def _agents(tree: Tree) -> Tree:
    agents = tree.get("agents")
    return agents if isinstance(agents, Mapping) else {}


def _merged(old: Any, patch: Any, replace: Collection[str], path: KeyPath = ()) -> Any:
    if not isinstance(patch, Mapping):
        return restored(patch, old, path)
    below = old if isinstance(old, Mapping) and show_path(path) not in replace else {}
    known = old if isinstance(old, Mapping) else {}
    new = {key: value for key, value in below.items() if key not in patch}
    for key in (*(key for key in below if key in patch), *(key for key in patch if key not in below)):
        if patch[key] is not None:
            new[key] = _merged(known.get(key), patch[key], replace, (*path, key))
    return new


def _in_order_of(old: Any, new: Any) -> Any:
    """`new` with the keys that `old` has too in its order, so that an edit finds them where they are."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return new
    names = (*(key for key in old if key in new), *(key for key in new if key not in old))
    return {key: _in_order_of(old.get(key), new[key]) for key in names}


def _is_plain_json(raw: str) -> bool:
    try:
        json.loads(raw)
    except ValueError:
        return False
    return True


def _fault(raw: str, error: Exception) -> str:
    """What is wrong with the text, and where. pyjson5 judges; our own reader explains."""
    try:
        lay_out(raw)
    except Json5Syntax as found:
        return found.fault
    return f"SyntaxError: JSON5: {error.args[0] if error.args else type(error).__name__}"
