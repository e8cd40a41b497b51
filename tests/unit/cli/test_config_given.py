"""What `config set` is asked to set, in all its forms."""

from __future__ import annotations

from typing import Any

import click
import pytest

from clawfleet.cli.config_given import BadBatch, Given, Moved, check_expected, read_given_edits
from clawfleet.config.change import Edit

NONE: dict[str, Any] = dict.fromkeys(
    (
        *("ref_source", "ref_provider", "ref_id", "provider_source", "provider_path", "provider_mode"),
        *("provider_max_bytes", "provider_command", "provider_timeout_ms", "provider_max_output_bytes"),
    )
)
NONE |= dict.fromkeys(
    ("provider_allowlist", "provider_arg", "provider_env", "provider_pass_env", "provider_trusted_dir"), ()
)
NONE |= {"strict_json": False, "as_json": False, "provider_json_only": False}


def given(path: str | None = None, value: str | None = None, batch: str | None = None, **flags: Any) -> Given:
    return read_given_edits(path, value, batch, NONE | flags)


def test_a_value_and_json() -> None:
    assert given("a.b", "{x: 1}") == Given((Edit(("a", "b"), {"x": 1}),), "value")
    assert given("a.b", "[1]", strict_json=True) == Given((Edit(("a", "b"), [1]),), "json")


def test_a_batch() -> None:
    text = """[
      { path: "models.providers.x.baseUrl", value: "http://h" },
      { path: "models.providers.x.apiKey", ref: { source: "env", provider: "default", id: "X" } },
      { path: "secrets.providers.v", provider: { source: "file", path: "/s" } },
    ]"""
    found = given(batch=text)
    assert found.mode == "batch"
    assert [edit.value for edit in found.edits] == [
        "http://h",
        {"source": "env", "provider": "default", "id": "X"},
        {"source": "file", "path": "/s"},
    ]


@pytest.mark.parametrize(
    ("batch", "told"),
    [
        ("{", "not JSON"),
        ("[]", "at least one entry"),
        ("{path: 'a', value: 1}", "must be an array"),
        ("[{value: 1}]", r"batch\[0\]: expected an object with a \"path\""),
        ("[{path: 'a'}]", "exactly one of value, ref, provider"),
        ("[{path: 'a', value: 1, ref: {}}]", "exactly one of"),
        ("[{path: 'a', value: 1, more: 2}]", 'Unrecognized key: "more"'),
    ],
)
def test_a_batch_that_is_none(batch: str, told: str) -> None:
    with pytest.raises(BadBatch, match=told):
        given(batch=batch)


def test_a_ref_and_a_provider() -> None:
    (edit,) = given("t", ref_source="env", ref_id="X").edits
    assert edit.value == {"source": "env", "provider": "default", "id": "X"}
    (edit,) = given(
        "secrets.providers.v",
        provider_source="exec",
        provider_command="/bin/v",
        provider_arg=("read", ""),
        provider_env=("A=b=c",),
        provider_json_only=True,
        provider_timeout_ms=9,
    ).edits
    assert edit.value == {
        "source": "exec",
        "command": "/bin/v",
        "args": ["read", ""],
        "timeoutMs": 9,
        "jsonOnly": True,
        "env": {"A": "b=c"},
    }


@pytest.mark.parametrize(
    ("words", "flags"),
    [
        ({}, {}),
        ({"path": "a"}, {}),
        ({"path": "a", "batch": "[]"}, {}),
        ({"path": "a", "value": "1"}, {"ref_source": "env", "ref_id": "X"}),
        ({"path": "a"}, {"ref_source": "env"}),
        ({"path": "a"}, {"provider_path": "/x"}),
        ({"path": "a"}, {"provider_source": "exec", "provider_env": ("novalue",)}),
        ({"path": "a"}, {"ref_source": "env", "ref_id": "X", "provider_source": "env"}),
    ],
)
def test_mixtures_are_refused(words: dict[str, str], flags: dict[str, Any]) -> None:
    with pytest.raises(click.UsageError):
        given(**words, **flags)


def test_what_the_caller_believes_is_held_against_the_file() -> None:
    source = {"a": {"b": 1, "n": None, "t": True}}
    absent = {"expect_current_absent": True, "expect_current_json": None}
    check_expected(source, ("a", "c"), absent, None)
    with pytest.raises(Moved, match=r"changed while this command was writing: a\.n is set"):
        check_expected(source, ("a", "n"), absent, None)
    says = {"expect_current_absent": False, "expect_current_json": "…"}
    check_expected(source, ("a", "b"), says, 1)
    check_expected(source, ("a",), says, {"t": True, "n": None, "b": 1})
    for path, value in ((("a", "b"), 2), (("a", "t"), 1), (("a", "c"), None)):
        with pytest.raises(Moved):
            check_expected(source, path, says, value)
