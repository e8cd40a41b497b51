"""The fleet file's text as a `Fleet`, or every reason why it is none."""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Mapping
from typing import Any

import pyjson5
from pydantic import BaseModel, ValidationError

from clawfleet.config.layout import Json5Syntax, doubles, lay_out, line_and_column
from clawfleet.config.path import KeyPath
from clawfleet.fleet.merge import merged
from clawfleet.fleet.models.fleet import Fleet
from clawfleet.fleet.problems import FleetInvalidError, Problem


def parse_files(texts: Mapping[str, str]) -> Fleet:
    """The checked fleet that the JSON5 texts (file name → text) make together.

    Raises FleetInvalidError with one problem per wrong key or value. A key written twice, in one file or in two, is an
    error: readers would silently keep the last one.
    """
    title = ", ".join(texts)
    whole = merged({source: _tree(text, source) for source, text in texts.items()})
    if whole.problems:
        raise FleetInvalidError(title, whole.problems)
    try:
        return Fleet.model_validate(whole.tree)
    except ValidationError as error:
        found = [(item, whole.origin(item["loc"]) if len(texts) > 1 else None) for item in error.errors()]
        raise FleetInvalidError(title, [_problem(dict(item), origin) for item, origin in found]) from None


def _tree(text: str, source: str) -> dict[str, Any]:
    try:
        layout = lay_out(text)
        tree = pyjson5.loads(text)
    except (Json5Syntax, pyjson5.Json5Exception) as error:
        hint = "quote, separate and close as in JSON"
        raise FleetInvalidError(source, [Problem("syntax", f"{source}: {error}", hint)]) from None
    twice = [Problem("key", _twice(text, path, at), "keep one of them") for path, at in doubles(layout)]
    if twice:
        raise FleetInvalidError(source, twice)
    if not isinstance(tree, dict):
        raise FleetInvalidError(source, [Problem("value", f"{source}: no object", "write { version: 1, hosts: {…} }")])
    return tree


def _twice(text: str, path: KeyPath, position: int) -> str:
    where = ".".join(str(part) for part in path)
    return f"{where}: written twice, again in line {line_and_column(text, position)[0]}"


def _problem(item: dict[str, Any], origin: str | None) -> Problem:
    location = [part for part in item["loc"] if part != "[key]"]
    where = ".".join(str(part) for part in location) or "<root>"
    where = f"{origin}: {where}" if origin else where
    if item["type"] == "extra_forbidden":
        return Problem("key", f"{where}: unknown key", _did_you_mean(location))
    if item["type"] == "missing":
        return Problem("key", f"{where}: missing", "add this key")
    # The value is left out on purpose: it may be a secret that was pasted where a reference belongs.
    return Problem("value", f"{where}: {item['msg'].removeprefix('Value error, ')}", "docs/fleet.md lists every key")


def _did_you_mean(location: list[Any]) -> str:
    known = _keys_beside(location)
    near = difflib.get_close_matches(str(location[-1]), known, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(sorted(known))}"


def _keys_beside(location: list[Any]) -> list[str]:
    """The aliases that the model holding the last part of `location` knows."""
    current: Any = Fleet
    for part in location[:-1]:
        if isinstance(current, type) and issubclass(current, BaseModel):
            fields = {field.alias or name: field.annotation for name, field in current.model_fields.items()}
            current = fields.get(part)
        else:  # dict[str, Model]: the part is a name that the operator chose
            current = typing.get_args(current)[-1]
        if isinstance(current, types.UnionType):
            current = typing.get_args(current)[0]
    return [field.alias or name for name, field in current.model_fields.items()]
