"""A tool's parameters: the schema that goes out and the check on what comes back."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import AliasChoices, Field

from clawfleet.tools.arguments import Arguments
from clawfleet.tools.failures import BadArguments


class Probe(Arguments):
    """Arguments of a tool that exists only here."""

    path: Annotated[str, Field(description="Where.")]
    title: str | None = None
    line: Annotated[int | None, Field(ge=1, validation_alias=AliasChoices("line", "offset"))] = None
    env: dict[str, str] = Field(default_factory=dict)


def test_the_schema_holds_what_a_model_needs_and_nothing_else() -> None:
    """No generated titles, no null beside a type, aliases not advertised."""
    assert Probe.parameters() == {
        "type": "object",
        "additionalProperties": False,
        "required": ["path"],
        "properties": {
            "path": {"type": "string", "description": "Where."},
            "title": {"type": "string"},
            "line": {"type": "integer", "minimum": 1},
            "env": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    }


def test_other_spellings_and_loose_scalars_are_understood() -> None:
    """Older models write older names, and numbers where text is wanted."""
    read = Probe.read("probe", {"path": "a", "offset": 3, "env": {"N": 1}, "title": None})
    assert (read.line, read.env, read.title) == (3, {"N": "1"}, None)


def test_every_fault_is_told_with_what_was_received() -> None:
    """The model can mend all of it in one go."""
    with pytest.raises(BadArguments) as caught:
        Probe.read("probe", {"line": 0, "colour": "red"})
    text = caught.value.message
    assert text.startswith('Validation failed for tool "probe":\n  - path: must have required properties path\n')
    assert "  - line: Input should be greater than or equal to 1\n" in text
    assert "  - colour: is not a parameter of this tool\n" in text
    assert text.endswith('\n\nReceived arguments:\n{\n  "line": 0,\n  "colour": "red"\n}')


def test_a_huge_argument_is_not_echoed_whole() -> None:
    """A refusal costs no more than a screen of tokens."""
    with pytest.raises(BadArguments) as caught:
        Probe.read("probe", {"path": "a", "body": "x" * 100_000})
    assert len(caught.value.message) < 3_000
