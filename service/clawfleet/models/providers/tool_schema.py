"""The JSON Schema of a tool as an endpoint takes it: without the words that it refuses. Pure.

Source: models-and-auth §3.4 (`toolSchemaProfile`, `unsupportedToolSchemaKeywords`).
"""

from __future__ import annotations

from collections.abc import Mapping

from clawfleet.core.messages import ToolSpec

_PROFILES: dict[str, frozenset[str]] = {
    "llamacpp": frozenset({"pattern"}),
    "gemini": frozenset(
        {
            *("$schema", "$id", "$ref", "$defs", "definitions", "additionalProperties", "patternProperties"),
            *("unevaluatedProperties", "const", "examples", "default", "exclusiveMinimum", "exclusiveMaximum", "not"),
        }
    ),
}
_LONGEST_GRAMMAR = 2000  # llama.cpp makes a grammar of a length, and gives up at long ones


def schema_of(spec: ToolSpec, compat: Mapping[str, object]) -> dict[str, object]:
    """The schema of the arguments; one that says nothing means any object."""
    schema = spec.parameters or {"type": "object", "properties": {}}
    profile = compat.get("toolSchemaProfile")
    refused = set(_PROFILES.get(profile, ())) if isinstance(profile, str) else set()
    listed = compat.get("unsupportedToolSchemaKeywords")
    refused.update(word for word in (listed if isinstance(listed, list | tuple) else ()) if isinstance(word, str))
    if not refused:
        return schema
    return _without(schema, refused, _LONGEST_GRAMMAR if profile == "llamacpp" else None)


def _without(schema: Mapping[str, object], refused: set[str], longest: int | None) -> dict[str, object]:
    found: dict[str, object] = {}
    for word, value in schema.items():
        is_too_long = word == "maxLength" and longest is not None and isinstance(value, int) and value >= longest
        if word in refused or is_too_long:
            continue
        if word in ("properties", "$defs", "definitions", "patternProperties") and isinstance(value, Mapping):
            # These hold names of the tool's own, which may well read like words of the schema.
            found[word] = {name: _cleaned(below, refused, longest) for name, below in value.items()}
        else:
            found[word] = value if word in ("enum", "required", "const") else _cleaned(value, refused, longest)
    return found


def _cleaned(value: object, refused: set[str], longest: int | None) -> object:
    if isinstance(value, Mapping):
        return _without(value, refused, longest)
    if isinstance(value, list):
        return [_cleaned(item, refused, longest) for item in value]
    return value
