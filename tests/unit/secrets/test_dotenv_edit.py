"""One variable is set; every other byte of the file stays."""

from __future__ import annotations

import pytest

from clawfleet.secrets.dotenv import parse_dotenv
from clawfleet.secrets.dotenv_edit import CannotKeep, set_variable

FILE = "# keys\nA=1 # one\n\nexport B='two'\nC=\"three\nlines\"\nnonsense\n"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("A", FILE.replace("A=1 # one", "A=x")),
        ("B", FILE.replace("export B='two'", "B=x")),
        ("C", FILE.replace('C="three\nlines"', "C=x")),
        ("D", FILE + "D=x\n"),
    ],
)
def test_it_is_set_where_it_stands(name: str, expected: str) -> None:
    assert set_variable(FILE, name, "x") == expected
    assert set_variable(expected, name, "x") == expected


def test_of_a_name_given_twice_one_is_left() -> None:
    assert set_variable("A=1\nB=2\nA=3", "A", "x") == "B=2\nA=x\n"


def test_an_empty_file_and_one_without_a_last_line_end() -> None:
    assert set_variable("", "A", "x") == "A=x\n"
    assert set_variable("B=1", "A", "x") == "B=1\nA=x\n"


@pytest.mark.parametrize(
    "value",
    [
        "sk-abc_123",
        "a#b",
        "a b",
        " a ",
        "it's",
        'say "hi"',
        "`x`",
        "it's `x`",
        "a\nb",
        "${A}",
        "a\\nb",
        "ä€",
        "=",
        "a'b\"c",
    ],
)
def test_every_value_is_read_back(value: str) -> None:
    assert parse_dotenv(set_variable("B=1\n", "A", value)) == {"B": "1", "A": value}


@pytest.mark.parametrize(("name", "value"), [("A", ""), ("a", "x"), ("1A", "x"), ("A B", "x"), ("A", "'\"`")])
def test_what_cannot_be_kept_is_refused(name: str, value: str) -> None:
    with pytest.raises(CannotKeep):
        set_variable("", name, value)


def test_line_ends_of_windows_stay() -> None:
    assert set_variable("A=1\r\nB=2\r\n", "C", "x") == "A=1\r\nB=2\r\nC=x\n"
