"""The models as a tree to walk by key path: which keys exist, what they hold, what their default is."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from clawfleet.config.models.base import Section
from clawfleet.config.models.root import Config
from clawfleet.config.path import KeyPath

Kind = Literal["object", "map", "list", "value"]


@dataclass(frozen=True, slots=True)
class Shape:
    """What may stand at one place. `field` is None for items of maps and lists; `inner` are the types of a value."""

    kind: Kind
    field: FieldInfo | None = None
    model: type[Section] | None = None
    item: Shape | None = None
    inner: tuple[object, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of an object as the file spells them."""
        return tuple(alias for alias, _ in _fields(self.model)) if self.model else ()

    def child(self, segment: str | int) -> Shape | None:
        """What may stand below; None when nothing may."""
        if self.kind in ("map", "list"):
            return self.item
        if self.model is None:
            return None
        return next((_shape(field.annotation, field) for alias, field in _fields(self.model) if alias == segment), None)

    @property
    def takes_only_text(self) -> bool:
        """Whether a number typed here can only have been meant as text."""
        return self.kind == "value" and bool({str, SecretStr} & set(self.inner)) and not {int, float} & set(self.inner)

    @property
    def default(self) -> object:
        """The default as JSON, an explanation in words where it depends on the machine; None when there is none."""
        if self.field is None or self.field.is_required():
            return None
        extra = self.field.json_schema_extra
        if isinstance(extra, Mapping) and "default_words" in extra:
            return extra["default_words"]
        value = self.field.get_default(call_default_factory=True)
        return value.model_dump(mode="json", by_alias=True) if isinstance(value, Section) else value


@cache
def root_shape() -> Shape:
    """The shape of the whole file."""
    return Shape("object", model=Config)


def shape_at(path: KeyPath) -> Shape | None:
    """The shape at a key path; None when the models know no such place."""
    shape: Shape | None = root_shape()
    for segment in path:
        if shape is None:
            return None
        shape = shape.child(segment)
    return shape


def leaves(shape: Shape | None = None, prefix: str = "") -> Iterator[tuple[str, Shape]]:
    """(`models.providers.<id>.models[].id`, shape) of every key that holds a value, in the order of the models."""
    shape = shape or root_shape()
    for alias, field in _fields(shape.model):
        below = _shape(field.annotation, field)
        name = f"{prefix}{alias}"
        inner = below
        while inner.item is not None:
            name += "[]" if inner.kind == "list" else ".<id>"
            inner = inner.item
        if inner.model is not None:
            yield from leaves(inner, f"{name}.")
        else:
            yield f"{prefix}{alias}", below


def _fields(model: type[Section] | None) -> list[tuple[str, FieldInfo]]:
    return [(field.alias or name, field) for name, field in model.model_fields.items()] if model else []


def _shape(annotation: object, field: FieldInfo | None = None) -> Shape:
    parts = [part for part in _parts(annotation) if part is not type(None)]
    for part in parts:
        origin = get_origin(part)
        if isinstance(part, type) and origin is None and issubclass(part, Section):
            return Shape("object", field, model=part)
        if origin is tuple:
            return Shape("list", field, item=_shape(get_args(part)[0]))
        if origin is dict:
            return Shape("map", field, item=_shape(get_args(part)[1]))
    return Shape("value", field, inner=tuple(parts))


def _parts(annotation: object) -> list[object]:
    """The alternatives of an annotation without their wrappings."""
    if get_origin(annotation) is Annotated:
        return _parts(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [found for part in get_args(annotation) for found in _parts(part)]
    return [annotation]
