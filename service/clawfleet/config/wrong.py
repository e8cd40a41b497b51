"""pydantic's complaints in the words of OpenClaw's. Source: config-and-cli §2.5."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from clawfleet.config.json_kind import kind_of
from clawfleet.config.keys import Problem
from clawfleet.config.models.agents import ModelChoice

_EXPECTED = {
    "int_type": "number",
    "int_from_float": "int",
    "float_type": "number",
    "string_type": "string",
    "string_sub_type": "string",
    "bool_type": "boolean",
    "tuple_type": "array",
    "dict_type": "object",
    "model_type": "object",
    "model_attributes_type": "object",
}
_ALSO_TEXT = frozenset({ModelChoice.__name__})
"""Sections that may be written as a bare string."""
_LIMITS = {
    "greater_than_equal": ("small", ">=", "ge"),
    "greater_than": ("small", ">", "gt"),
    "less_than_equal": ("big", "<=", "le"),
    "less_than": ("big", "<", "lt"),
}


def problems_of(error: ValidationError) -> list[Problem]:
    """One problem for each complaint, at its key path."""
    return [Problem(tuple(row["loc"]), _message(row)) for row in error.errors(include_url=False)]


def _message(row: Mapping[str, Any]) -> str:
    kind, context = row["type"], row.get("ctx", {})
    if kind == "int_type" and isinstance(row["input"], float):
        kind = "int_from_float"
    if kind in _EXPECTED:
        expected = "string or object" if context.get("class_name") in _ALSO_TEXT else _EXPECTED[kind]
        return f"Invalid input: expected {expected}, received {kind_of(row['input'])}"
    if kind in _LIMITS:
        size, sign, key = _LIMITS[kind]
        return f"Too {size}: expected number to be {sign}{context[key]:g}, got: {_quoted(row['input'])}"
    say = _SAY.get(kind)
    return say(row, context) if say else f"Invalid input: {row['msg']}"


def _not_among(row: Mapping[str, Any], context: Mapping[str, Any]) -> str:
    allowed = ", ".join(f'"{word}"' for word in re.findall(r"'([^']*)'", context["expected"]))
    return f"Invalid input (allowed: {allowed}), got: {_quoted(row['input'])}"


def _quoted(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else kind_of(value) if isinstance(value, list | dict) else str(value)


_SAY: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], str]] = {
    "missing": lambda _row, _context: "Invalid input: required, received undefined",
    "literal_error": _not_among,
    "string_too_short": lambda _row, context: (
        f"Too small: expected string to have >={context['min_length']} characters"
    ),
    "value_error": lambda _row, context: str(context["error"]),
}
