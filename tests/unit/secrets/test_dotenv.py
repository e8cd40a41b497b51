"""The .env dialect, rule by rule. Source: config-and-cli §2.4."""

from __future__ import annotations

import pytest

from clawfleet.secrets.dotenv import parse_dotenv, unreadable_lines


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("K=v", "v"),
        ("export K=v", "v"),
        ("K: v", "v"),
        ("K = v", "v"),
        ("  K=v", "v"),
        ("K=v   ", "v"),
        ("K=v\r\n", "v"),
        ("K=a b", "a b"),
        ("K=", ""),
        ("K=#x", ""),
        ("K=a#b", "a"),
        ("K=a # b", "a"),
        ("K='a#b'", "a#b"),
        ('K="a#b" # c', "a#b"),
        ("K=`a#b`", "a#b"),
        ("K='a\nb'", "a\nb"),
        ('K="a\nb"', "a\nb"),
        ("K=`a\nb`", "a\nb"),
        (r'K="a\nb"', "a\nb"),
        (r"K='a\nb'", r"a\nb"),
        (r"K=a\nb", r"a\nb"),
        (r'K="a\"b"', r"a\"b"),
        ("K=${X}", "${X}"),
        ('K="${X}"', "${X}"),
        ("K='  a '", "  a "),
        ("K=it's", "it's"),
        ('K="open', '"open'),
        ("K=a=b", "a=b"),
        ("\ufeffK=v", "v"),
        ("K=first\nK=last", "last"),
        ("K=ü", "ü"),
    ],
)
def test_one_value(text: str, value: str) -> None:
    """Each spelling of one assignment."""
    assert parse_dotenv(text) == {"K": value}


def test_many_lines() -> None:
    """Comments, blank lines and nonsense are skipped; a value over several lines does not eat what follows."""
    text = "# keys\n\nA=1\nnonsense\n=x\n1X=2\nB='x\ny'\nC=3 # three\n  # end\nD=4"
    assert parse_dotenv(text) == {"A": "1", "B": "x\ny", "C": "3", "D": "4"}


def test_a_quote_that_never_closes_costs_only_its_own_line() -> None:
    """The next assignments are still read."""
    assert parse_dotenv("A='x\nB=2") == {"A": "'x", "B": "2"}


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", ()),
        ("A=1\n\n  # note\nexport B=2\nC: 3\n", ()),
        ("=broken\nX Y\nA=1\nexport Z", (1, 2, 4)),
        ("A='x\nnot a line\ny'\r\n1X=2", (4,)),
        ('A="open\nrest', (2,)),
        ("\ufeffA=1\rsecret", (2,)),
    ],
)
def test_lines_that_assign_nothing_are_known(text: str, lines: tuple[int, ...]) -> None:
    """By number, counted from 1; blank lines, comments and what a quoted value spans are none."""
    assert unreadable_lines(text) == lines
