"""Writing `.env`."""

from __future__ import annotations

import pytest

from clawfleet.fleet.env_file import read_env, render_env


def test_values_are_sorted_and_quoted_only_where_needed() -> None:
    """A value with a blank, a hash or a quote survives the reader's rules."""
    values = {"B": "a#b", "A": "abc-123_/+=", "C": "it's", "D": 'say "hi" `x`', "E": "'`"}
    text = render_env(values)
    assert text == "A=abc-123_/+=\nB='a#b'\nC=`it's`\nD='say \"hi\" `x`'\nE=\"'`\"\n"
    assert read_env(text) == values


@pytest.mark.parametrize("value", ["a b", "#x", "$HOME ${X}", "back\\slash\\n", "C:\\n", "é", "=", "'\"", " lead"])
def test_the_gateways_reader_gets_back_what_went_in(value: str) -> None:
    """Nothing is expanded, cut or unescaped on the way."""
    assert read_env(render_env({"NAME": value})) == {"NAME": value}


@pytest.mark.parametrize("value", ["", "a\nb", "a\x00b", "'`\"", "'`\\n"])
def test_what_cannot_be_written_is_refused_without_the_value(value: str) -> None:
    """The message names the variable only."""
    with pytest.raises(ValueError, match=r"^NAME ") as caught:
        render_env({"NAME": value})
    assert not value or value not in str(caught.value)
