"""`${NAME}`: the table of config-and-cli §2.3, row by row."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from clawfleet.config.substitute import lacking, mend_of, stand_in, substitute, unresolved


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("${VAR}", "v"),
        ("x/${VAR}/y", "x/v/y"),
        ("${VAR}${VAR}", "vv"),
        ("$${VAR}", "${VAR}"),
        ("$$${VAR}", "$${VAR}"),
        ("${lower}", "${lower}"),
        ("$VAR", "$VAR"),
        ("${VAR:-d}", "${VAR:-d}"),
        ("${}", "${}"),
        ("${VAR", "${VAR"),
        ("${1X}", "${1X}"),
        ("${_X1}", "u"),
    ],
)
def test_one_string(text: str, result: str) -> None:
    """Upper-case names only, no shell defaults, one escape; nothing here is missing."""
    assert substitute({"k": text}, {"VAR": "v", "_X1": "u", "lower": "no"}) == ({"k": result}, [])


@pytest.mark.parametrize("environ", [{}, {"VAR": ""}])
def test_missing_and_empty_variables_stay_as_written(environ: dict[str, str]) -> None:
    """And are reported with their place."""
    tree, missing = substitute({"a": [{"b": "x${VAR}"}], "n": 1}, environ)
    assert tree == {"a": [{"b": "x${VAR}"}], "n": 1}
    assert missing == [(("a", 0, "b"), "VAR")]


def test_values_are_not_substituted_again() -> None:
    """A secret that looks like a variable stays what it is."""
    assert substitute({"k": "${A}"}, {"A": "${B}", "B": "x"}) == ({"k": "${B}"}, [])


def test_keys_are_left_alone() -> None:
    """Only strings that are values."""
    assert substitute({"${A}": 1}, {"A": "x"}) == ({"${A}": 1}, [])


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, None),
        ("", None),
        ("abc", None),
        ("${KEY}", "KEY"),
        ("Bearer ${KEY}", "KEY"),
        (SecretStr("${KEY}"), "KEY"),
        (SecretStr("k"), None),
    ],
)
def test_consumers_can_tell_what_is_unresolved(value: str | SecretStr | None, name: str | None) -> None:
    """So that nobody sends the literal text as a key."""
    assert unresolved(value) == name


def test_a_secret_that_cannot_be_had_is_no_variable() -> None:
    """Nobody is told to write it into .env."""
    text = stand_in("file", "file:vault:/a}b", "/a}b")
    assert (name := unresolved(text)) == "secret file:vault:/ab"
    assert lacking("x.apiKey", name).startswith("x.apiKey needs the secret file:vault:/ab, which cannot be had")
    assert mend_of(name) == "openclaw config validate says why it cannot be had"
    assert unresolved(stand_in("env", "env:default:KEY", "KEY")) == "KEY"
    assert mend_of("KEY") == "write KEY=… into .env in the state directory"
