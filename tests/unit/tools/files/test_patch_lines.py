"""Hunks find their place, or say why not."""

from __future__ import annotations

import pytest

from clawfleet.core.errors import ToolError
from clawfleet.tools.files.patch_lines import patched
from clawfleet.tools.files.patch_text import Hunk

TEXT = "def a():\n    x = 1\n    return x\n\ndef b():\n    x = 1\n    return x\n"


def hunk(*lines: str, context: str | None = None, at_end: bool = False) -> Hunk:
    old = tuple(line[1:] for line in lines if line[0] != "+")
    new = tuple(line[1:] for line in lines if line[0] != "-")
    return Hunk(context, old, new, at_end)


@pytest.mark.parametrize(
    ("text", "hunks", "expected"),
    [
        ("a\nb\nc\n", [hunk("-b", "+B")], "a\nB\nc\n"),
        ("a\nb\nc\n", [hunk("-a"), hunk("-c", "+C", "+D")], "b\nC\nD\n"),
        ("a\n", [hunk("+b")], "a\nb\n"),
        ("", [hunk("+b")], "b\n"),
        ("a\nb\n", [hunk("+x", context="a")], "a\nx\nb\n"),
        ("a\nb\n", [hunk("+x", context="a", at_end=True)], "a\nb\nx\n"),
        ("x\na\nx\n", [hunk("-x", "+y", at_end=True)], "x\na\ny\n"),
        ("a", [hunk("-a", "+b")], "b\n"),
        ("a\nb", [hunk("-a", "+A")], "A\nb"),
        ("a\n", [hunk("-a")], ""),
        (TEXT, [hunk("-    x = 1", "+    x = 2", context="def b():")], TEXT[::-1].replace("1 = x", "2 = x", 1)[::-1]),
    ],
)
def test_hunks_are_done(text: str, hunks: list[Hunk], expected: str) -> None:
    assert patched("f", text, hunks) == expected


@pytest.mark.parametrize(
    ("there", "asked"),
    [("a  ", "a"), ("\ta", "a"), ("it\u2019s \u201cso\u201d \u2013 yes", 'it\'s "so" - yes')],
)
def test_a_place_is_found_by_what_a_line_says(there: str, asked: str) -> None:
    """Exact first, then more loosely; lines that stay keep what they are in the file."""
    text = f"top\n{there}\nend\n"
    assert patched("f", text, [Hunk(None, (asked, "end"), (asked, "END"))]) == f"top\n{there}\nEND\n"


def test_line_ends_stay_as_they_are() -> None:
    assert patched("f", "a\r\nb\r\n", [hunk("-b", "+c", "+d")]) == "a\r\nc\r\nd\r\n"


@pytest.mark.parametrize(
    ("hunks", "message"),
    [
        ([hunk("-none")], "Failed to find these lines in f:\nnone"),
        ([hunk("-    x = 1")], "Found 2 occurrences of these lines in f; give more lines around them"),
        ([hunk("-    x = 1", context="def c():")], "Failed to find the context 'def c\\(\\):' in f"),
        ([hunk("-    x = 1", context="    return x")], "Found 2 occurrences of the context"),
        ([hunk("-def a():", at_end=True)], "at its end"),
        ([hunk("-def b():"), hunk("-def a():")], "Failed to find these lines in f:\ndef a"),
    ],
)
def test_what_fits_nowhere_or_twice_is_refused(hunks: list[Hunk], message: str) -> None:
    with pytest.raises(ToolError, match=message):
        patched("f", TEXT, hunks)
