"""Where everything stands in a JSON5 text, and what is wrong with one that does not parse."""

from __future__ import annotations

import pyjson5
import pytest

from clawfleet.config.layout import Json5Syntax, doubles, lay_out, line_and_column, locate

TEXT = """{
  // comment
  a: 1, 'b c': [true, {d: "x"}],
  a: 0x10,
}"""


def test_spans_cut_out_the_values() -> None:
    """Keys, values and commas at their offsets."""
    root = lay_out(TEXT)
    assert [TEXT[member.value.start : member.end] for member in root.members] == ["1", '[true, {d: "x"}]', "0x10"]
    assert [member.key for member in root.members] == ["a", "b c", "a"]
    assert all(TEXT[member.comma or 0] == "," for member in root.members)
    assert (root.start, root.end) == (0, len(TEXT))


def test_of_a_key_given_twice_the_last_counts() -> None:
    """As for every parser."""
    member = lay_out(TEXT).find("a")
    assert member is not None
    assert TEXT[member.value.start : member.end] == "0x10"
    assert pyjson5.decode(TEXT)["a"] == 16


def test_keys_given_twice_are_found_wherever_they_stand() -> None:
    """By their path, at every place; quotes and escapes make no other key of it."""
    text = '{a: 1, b: [0, {c: 1, "c": 2, d: {}}], "\\u0061": 2, d: {a: 1}}'
    found = [(path, text[start : start + 3]) for path, start in doubles(lay_out(text))]
    assert found == [(("a",), "a: "), (("a",), '"\\u'), (("b", 1, "c"), "c: "), (("b", 1, "c"), '"c"')]


def test_locate_goes_as_deep_as_it_can() -> None:
    """The deepest member that exists, and how many segments lead there."""
    root = lay_out(TEXT)
    found, depth = locate(root, ("b c", 1, "d"))
    assert found is not None
    assert (TEXT[found.start : found.end], depth) == ('d: "x"', 3)
    assert locate(root, ("b c", "1", "nope"))[1] == 2
    assert locate(root, ("nope", "x")) == (None, 0)
    assert locate(root, ("b c", -1))[1] == 1
    assert locate(root, ()) == (None, 0)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "null",
        "\ufeff{}",
        "{a: +.5e3, $b: -Infinity, \\u0061c: .5, d: 5., 'x\"': 0x1F, ü: NaN}",
        '{"a":"line\\\ncontinued"}',
        "{/**/a/**/:/**/1/**/,/**/}",
        "// only\n[1,2,] // behind",
        '{a: "\\u00e9\\x41\\\'"}',
        "[[[[]]]]",
        "{a: 1_, b: -.}",
    ],
)
def test_whatever_parses_has_a_layout(text: str) -> None:
    """Both readers agree on what is JSON5, and the root spans the value."""
    root = lay_out(text)
    assert pyjson5.decode(text[root.start : root.end]) == pyjson5.decode(text) or "NaN" in text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{a: 1,\n b: }", "invalid character '}' at 2:5, expected a value"),
        ("{a: 1\n b: 2}", 'invalid character \'b\' at 2:2, expected "," or "}"'),
        ("{\n  a: 1,\n", 'invalid end of input at 3:1, expected a key or "}" to close the "{" of line 1'),
        ("{\n  a: [1,\n  2", 'invalid end of input at 3:4, expected "," or "]" to close the "[" of line 2'),
        ('{a: "x\n}', "invalid character '\\n' at 1:7, expected \" to close the string of line 1"),
        ("{'a", "invalid end of input at 1:4, expected ' to close the string of line 1"),
        ("{a: tru}", "invalid character 't' at 1:5, expected a value"),
        ("{a: 01}", 'invalid character \'1\' at 1:6, expected "," or "}"'),
        ("{a: 1;}", 'invalid character \';\' at 1:6, expected "," or "}"'),
        ("{a: truely}", "invalid character 't' at 1:5, expected a value"),
        ('{"\\u00": 1}', r"invalid character '\\' at 1:3, expected an escape sequence that JSON5 knows"),
        ('{"a\\', 'invalid end of input at 1:5, expected " to close the string of line 1'),
        ('{"a" 1}', 'invalid character \'1\' at 1:6, expected ":" after the key "a"'),
        ("{a:1,,}", "invalid character ',' at 1:6, expected a key or \"}\""),
        ("{a:1} x", "invalid character 'x' at 1:7, expected the end of the file"),
        ("/* x", 'invalid end of input at 1:5, expected "*/" to close the comment of line 1'),
        ("", "invalid end of input at 1:1, expected a value"),
        ("[" * 200, "invalid character '[' at 1:102, expected no more than 100 levels"),
    ],
)
def test_what_is_wrong_and_where(text: str, message: str) -> None:
    """Line, column and what would have fitted; pyjson5 refuses the same texts."""
    with pytest.raises(Json5Syntax) as caught:
        lay_out(text)
    assert str(caught.value) == f"SyntaxError: JSON5: {message}"
    if not text.startswith("[["):
        with pytest.raises(pyjson5.Json5Exception):
            pyjson5.decode(text)


def test_line_and_column_count_from_one() -> None:
    """As editors do."""
    assert [line_and_column("ab\nc", at) for at in (0, 2, 3, 4)] == [(1, 1), (1, 3), (2, 1), (2, 2)]
