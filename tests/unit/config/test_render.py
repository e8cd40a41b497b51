"""Values as text in the style of the file around them."""

from __future__ import annotations

import pyjson5
import pytest

from clawfleet.config.render import Style

TREE = {"a": [1, "x", {"b-c": None}], "d": {}, "e": [], "f": 1.5, "g": True}


def test_standard_json_with_two_blanks() -> None:
    """The default."""
    assert Style().value({"a": [1], "b": {}}, "") == '{\n  "a": [\n    1\n  ],\n  "b": {}\n}'


def test_a_relaxed_file() -> None:
    """Bare keys where the grammar allows, single quotes, trailing commas, tabs."""
    style = Style(indent="\t", quote="'", quotes_keys=False, ends_with_comma=True)
    assert style.value({"a": "it's", "b-c": 1}, "\t") == "{\n\t\ta: 'it\\'s',\n\t\t'b-c': 1,\n\t}"


@pytest.mark.parametrize("inline", [True, False])
@pytest.mark.parametrize("quote", ["'", '"'])
def test_what_is_written_reads_back(inline: bool, quote: str) -> None:
    """In every style."""
    style = Style(quote=quote, quotes_keys=False, ends_with_comma=True)
    text = style.value(TREE, "", inline=inline)
    assert pyjson5.decode(text) == TREE
    assert ("\n" in text) is not inline


@pytest.mark.parametrize("text", ["", "'", '"', "\\", "\n\t\0", "\u2028", "ü 🦞", "${X}", "*/ //"])
@pytest.mark.parametrize("quote", ["'", '"'])
def test_strings_read_back(text: str, quote: str) -> None:
    """Whatever is in them."""
    assert pyjson5.decode(Style(quote=quote).string(text)) == text


def test_numbers_that_json_lacks() -> None:
    """JSON5 has words for them."""
    values = [float("inf"), float("-inf"), float("nan")]
    assert Style().value(values, "", inline=True) == "[Infinity, -Infinity, NaN]"
