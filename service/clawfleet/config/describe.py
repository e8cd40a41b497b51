"""What the config's keys are, for forms: labels, help, what is secret, and what may stand below a key.

Everything comes from the models. Source: protocol §12 (`config.schema`, `config.schema.lookup`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from clawfleet.config.key_index import ANY
from clawfleet.config.path import KeyPath
from clawfleet.config.redacted import is_secret_name
from clawfleet.config.shape import Shape, root_shape, shape_at

_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")


@dataclass(frozen=True, slots=True)
class Hint:
    """How a form shows a key."""

    label: str
    help: str | None
    sensitive: bool


@dataclass(frozen=True, slots=True)
class Described:
    """One key. `schema` is its JSON Schema without what stands below it; `children` are its keys, in their order."""

    path: KeyPath
    schema: Mapping[str, Any]
    hint: Hint
    required: bool
    children: tuple[KeyPath, ...] = field(default=())


def describe(path: KeyPath) -> Described | None:
    """What stands at `path`; None when the models know no such place."""
    shape = shape_at(path)
    if shape is None:
        return None
    field_info = shape.field
    return Described(
        path,
        _schema_at(path, shape),
        _hint(path, shape),
        field_info is not None and field_info.is_required(),
        tuple((*path, key) for key in _keys_below(shape)),
    )


def all_hints() -> dict[str, Hint]:
    """The hint of every key, `*` for entries of maps and items of lists: `agents.entries.*.name`."""
    return {".".join(map(str, path)): _hint(path, shape) for path, shape in _walk((), root_shape())}


def all_defaults() -> dict[str, object]:
    """The default of every key, written as in `all_hints`; None for what has none, and for whole objects."""
    return {
        ".".join(map(str, path)): None if shape.kind == "object" else shape.default
        for path, shape in _walk((), root_shape())
    }


def label_of(key: str) -> str:
    """A key as a person reads it: `allowedOrigins` is Allowed Origins."""
    return " ".join(word[0].upper() + word[1:] for word in _WORDS.findall(key)) or key


def _walk(path: KeyPath, shape: Shape) -> Iterator[tuple[KeyPath, Shape]]:
    if path:
        yield path, shape
    for key in _keys_below(shape):
        below = shape.child(key)
        if below is not None:
            yield from _walk((*path, key), below)


def _keys_below(shape: Shape) -> tuple[str, ...]:
    return (ANY,) if shape.kind in ("map", "list") else shape.keys


def _hint(path: KeyPath, shape: Shape) -> Hint:
    names = [str(segment) for segment in path]
    name = names[-1] if names else ""
    section = names[-2] if len(names) > 1 else ""
    is_secret = shape.kind == "value" and is_secret_name(name, section)
    return Hint(label_of(name), shape.field.description if shape.field else None, is_secret)


def _schema_at(path: KeyPath, shape: Shape) -> Mapping[str, Any]:
    """The JSON Schema of one place; what stands in it is left to further questions."""
    own: dict[str, Any] = {}
    if shape.kind == "object":
        own = {"type": "object", "additionalProperties": False}
    elif shape.kind == "map":
        own = {"type": "object"}
    elif shape.kind == "list":
        own = {"type": "array"}
    elif path and (parent := shape_at(path[:-1])) is not None and parent.model is not None:
        own = _value_schema(_properties(parent.model)[str(path[-1])])
    if path:
        own["title"] = label_of(str(path[-1]))
    if shape.field is not None and shape.field.description:
        own["description"] = shape.field.description
    return own


@cache
def _properties(model: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = model.model_json_schema(by_alias=True)["properties"]
    return found


def _value_schema(found: Mapping[str, Any]) -> dict[str, Any]:
    """A value's schema; that it may be left out is not said as `null`."""
    schema = dict(found)
    choices = [choice for choice in schema.pop("anyOf", ()) if choice.get("type") != "null"]
    if len(choices) == 1:
        schema |= choices[0]
    elif choices:
        schema["anyOf"] = choices
    if schema.get("default", "") is None:
        del schema["default"]
    return schema
