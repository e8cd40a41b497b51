"""What changes from one config to the next, and what each change asks of a running gateway. Does no I/O.

`hot` is applied while it runs, `restart` needs the gateway built anew, `none` concerns nothing that is running.
Source: config-and-cli §7.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import BaseModel, SecretStr, ValidationError

from clawfleet.config.load import Snapshot
from clawfleet.config.models.root import Config
from clawfleet.config.path import KeyPath, show_path
from clawfleet.config.redacted import redacted

Kind = Literal["hot", "restart", "none"]

_KINDS: Mapping[KeyPath, Kind] = {
    ("agents",): "hot",
    ("auth",): "hot",
    ("bindings",): "hot",
    ("channels",): "hot",
    ("commands",): "hot",
    ("diagnostics",): "hot",
    ("env",): "hot",
    ("logging",): "hot",
    ("logging", "file"): "restart",
    ("memory",): "hot",
    ("models",): "hot",
    ("secrets",): "hot",
    ("session",): "hot",
    ("tools",): "hot",
    ("gateway",): "restart",
    ("gateway", "mode"): "none",
    ("gateway", "reload"): "none",
    ("gateway", "remote"): "none",
    ("gateway", "auth", "token"): "hot",
    ("gateway", "auth", "password"): "hot",
    ("gateway", "auth", "rateLimit"): "hot",
    ("gateway", "auth", "trustedProxy"): "hot",
    ("gateway", "auth", "identityScopes"): "hot",
    ("gateway", "auth", "allowTailscale"): "hot",
    ("gateway", "trustedProxies"): "hot",
    ("gateway", "allowRealIpFallback"): "hot",
    ("gateway", "nodes"): "hot",
    ("gateway", "controlUi", "allowedOrigins"): "hot",
    ("gateway", "controlUi", "dangerouslyAllowHostHeaderOriginFallback"): "hot",
    ("gateway", "http", "endpoints"): "hot",
}
"""The longest path that a change lies below decides; what nobody acts on is listed nowhere."""

_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Change:
    """One key that differs. `old` and `new` are None where it is absent, and never show a secret."""

    path: str
    old: object
    new: object
    kind: Kind


MAX_SHOWN_CHARS = 80


def row_of(change: Change) -> str:
    """A change as people read it: `tools.exec.timeoutSeconds: 1800 → 60 (hot)`."""
    old, new = ("(unset)" if value is None else _short(value) for value in (change.old, change.new))
    return f"{change.path}: {old} → {new} ({change.kind})"


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MAX_SHOWN_CHARS else f"{text[: MAX_SHOWN_CHARS - 1]}…"


def kind_of(path: KeyPath) -> Kind:
    """What a change at `path` asks of a running gateway."""
    for length in range(len(path), 0, -1):
        if (kind := _KINDS.get(path[:length])) is not None:
            return kind
    return "none"


def plan(old: Snapshot, new: Snapshot) -> tuple[Change, ...]:
    """Every difference between two configs: first in what they mean, then in what they say without effect.

    What a `${NAME}` stands for counts, so that a changed variable is a change.
    """
    meant = list(_differences(_plain(old.config), _plain(new.config), ()))
    effective = {path for path, _, _ in meant}
    rows = [_change(path, before, after, kind_of(path)) for path, before, after in meant]
    for path, before, after in _differences(old.source, new.source, ()):
        if not any(_touch(path, other) for other in effective):
            rows.append(_change(path, before, after, "none"))
    return tuple(rows)


def hot_part(old: Snapshot, new: Snapshot) -> Snapshot | None:
    """`new` with what needs a restart left as it is in `old`; None when the two do not go together."""
    before, tree = _plain(old.config), _plain(new.config)
    for path, value, _ in list(_differences(before, tree, ())):
        if kind_of(path) == "restart":
            _put(tree, path, value)
    try:
        return replace(new, config=Config.model_validate(tree))
    except ValidationError:
        return None


def _put(tree: object, path: KeyPath, value: object) -> None:
    for key in path[:-1]:
        tree = tree[key] if isinstance(tree, dict) else None
    if isinstance(tree, dict) and value is _ABSENT:
        tree.pop(path[-1], None)
    elif isinstance(tree, dict):
        tree[path[-1]] = value


def differing(old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[tuple[KeyPath, object, bool]]:
    """(path, new value, whether it is gone) of the outermost keys in which two trees differ."""
    for path, _, value in _differences(old, new, ()):
        yield path, None if value is _ABSENT else value, value is _ABSENT


def changed_paths(old: Mapping[str, object], new: Mapping[str, object]) -> list[str]:
    """The outermost keys in which two trees differ."""
    return [show_path(path) for path, _, _ in _differences(old, new, ())]


def _change(path: KeyPath, before: object, after: object, kind: Kind) -> Change:
    shown = [None if value is _ABSENT else redacted(value, path) for value in (before, after)]
    return Change(show_path(path), shown[0], shown[1], kind)


def _differences(old: object, new: object, path: KeyPath) -> Iterator[tuple[KeyPath, object, object]]:
    """(path, before, after) of the outermost places that differ; lists differ as a whole."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in (*old, *(key for key in new if key not in old)):
            yield from _differences(old.get(key, _ABSENT), new.get(key, _ABSENT), (*path, key))
    elif old != new:
        yield path, old, new


def _touch(one: KeyPath, other: KeyPath) -> bool:
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _plain(node: object) -> object:
    """A typed config as a tree in the file's spelling, its secrets readable."""
    if isinstance(node, SecretStr):
        return node.get_secret_value()
    if isinstance(node, BaseModel):
        fields = type(node).model_fields
        return {field.alias or name: _plain(getattr(node, name)) for name, field in fields.items()}
    if isinstance(node, Mapping):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_plain(item) for item in node]
    return node
