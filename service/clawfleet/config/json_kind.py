"""What JSON calls the type of a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def kind_of(value: object) -> str:
    """What JSON calls the type of a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "number"
    return "object" if isinstance(value, Mapping) else "array" if isinstance(value, Sequence) else type(value).__name__
