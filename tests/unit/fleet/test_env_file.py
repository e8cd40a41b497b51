"""Writing `.env`."""

from __future__ import annotations

import pytest

from clawfleet.fleet.env_file import render_env


def test_values_are_sorted_and_quoted_only_where_needed() -> None:
    """A value with a blank, a hash or a quote survives the reader's rules."""
    text = render_env({"B": "a#b", "A": "abc-123_/+=", "C": "it's", "D": 'say "hi" `x`', "E": "'`"})
    assert text == "A=abc-123_/+=\nB='a#b'\nC=`it's`\nD='say \"hi\" `x`'\nE=\"'`\"\n"


@pytest.mark.parametrize("value", ["", "a\nb", "a\x00b", "'`\"", "'`\\n"])
def test_what_cannot_be_written_is_refused_without_the_value(value: str) -> None:
    """The message names the variable only."""
    with pytest.raises(ValueError, match=r"^NAME ") as caught:
        render_env({"NAME": value})
    assert not value or value not in str(caught.value)
