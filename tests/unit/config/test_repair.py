"""Failing keys are mended where that is beyond doubt; every other character stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from clawfleet.config.env import Instance, resolve_instance
from clawfleet.config.repair import masked_diff, repair, secret_values


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return resolve_instance(environ={"HOME": str(tmp_path)}, cwd=tmp_path)


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("{gateway: {prot: 1}} // mine", "{gateway: {port: 1}} // mine"),
        ("{'gatway': {port: 1}}", "{'gateway': {port: 1}}"),
        ("{\n  wibble: 1, // gone too\n  gateway: {},\n}", "{\n  gateway: {},\n}"),
        ('{gateway: {port: "19001"}}', "{gateway: {port: 19001}}"),
        ('{gateway: {controlUi: {enabled: "True"}}}', "{gateway: {controlUi: {enabled: true}}}"),
        ('{agents: {list: [{id: "a", nam: "A"}]}}', '{agents: {list: [{id: "a", name: "A"}]}}'),
        ('{tools: {"deny": [], "prfile": "full"}}', '{tools: {"deny": [], "profile": "full"}}'),
    ],
)
def test_what_is_beyond_doubt_is_mended(instance: Instance, text: str, mended: str) -> None:
    done = repair(instance, text)
    assert done.text == mended
    assert done.left == ()
    assert done.changes
    again = repair(instance, done.text)
    assert (again.text, again.changes) == (mended, ())


@pytest.mark.parametrize(
    "text",
    [
        "{gateway: {bind: 'nowhere'}}",
        "{gateway: {port: 'high'}}",
        "{gateway: {port: 1, port: 2}}",
        "{gateway: ",
        "[]",
        "{gateway: {roles: {}}}",
    ],
)
def test_what_is_in_doubt_is_left(instance: Instance, text: str) -> None:
    done = repair(instance, text)
    assert (done.text, done.changes) == (text, ())
    assert done.left


def test_a_mistyped_key_beside_the_right_one_goes(instance: Instance) -> None:
    assert repair(instance, "{gateway: {port: 1, prot: 2}}").text == "{gateway: {port: 1}}"


def test_a_renaming_that_would_not_be_valid_is_a_removal(instance: Instance) -> None:
    assert repair(instance, '{gateway: {prot: "high"}}').text == "{gateway: {}}"


def test_model_ids_are_never_touched(instance: Instance) -> None:
    text = '{agents: {defaults: {model: "openai/gpt-5.2"}}, wibble: 1}'
    assert '"openai/gpt-5.2"' in repair(instance, text).text


def test_no_secret_is_shown(instance: Instance) -> None:
    text = '{gateway: {auth: {tokne: "verysecret1"}}, env: {vars: {A_KEY: "verysecret2"}}}\n'
    done = repair(instance, text)
    shown = repr(done.changes) + masked_diff(text, done.text, "openclaw.json")
    assert "verysecret2" not in shown
    assert [change.new for change in done.changes] == ["(removed)", "***"]


def test_secret_values_are_those_that_are_blacked_out() -> None:
    tree = {"a": ["x", "y"], "b": "z"}
    shown = {"a": ["x", "__OPENCLAW_REDACTED__"], "b": "z"}
    assert list(secret_values(tree, shown)) == ["y"]
