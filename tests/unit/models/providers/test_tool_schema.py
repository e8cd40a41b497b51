"""Words of JSON Schema that an endpoint refuses are left out; names of the tool's own are not."""

from __future__ import annotations

import pytest

from clawfleet.core.messages import ToolSpec
from clawfleet.models.providers.tool_schema import schema_of

SCHEMA: dict[str, object] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "pattern": {"type": "string", "pattern": "^a", "maxLength": 5000},
        "list": {"type": "array", "items": {"type": "string", "pattern": "b", "maxLength": 10}},
    },
    "required": ["pattern"],
}
SPEC = ToolSpec("t", "T", SCHEMA)


def test_a_schema_stays_as_it_is_where_nothing_is_said() -> None:
    assert schema_of(SPEC, {}) is SCHEMA
    assert schema_of(SPEC, {"toolSchemaProfile": "other", "unsupportedToolSchemaKeywords": "pattern"}) is SCHEMA
    assert schema_of(ToolSpec("t", "T"), {}) == {"type": "object", "properties": {}}


def test_llama_cpp_gets_no_patterns_and_no_long_lengths() -> None:
    assert schema_of(SPEC, {"toolSchemaProfile": "llamacpp"}) == {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "pattern": {"type": "string"},
            "list": {"type": "array", "items": {"type": "string", "maxLength": 10}},
        },
        "required": ["pattern"],
    }


@pytest.mark.parametrize(
    "compat", [{"toolSchemaProfile": "gemini"}, {"unsupportedToolSchemaKeywords": ["additionalProperties"]}]
)
def test_further_words_can_be_refused(compat: dict[str, object]) -> None:
    found = schema_of(SPEC, compat)
    assert "additionalProperties" not in found
    assert found["properties"] == SCHEMA["properties"]
