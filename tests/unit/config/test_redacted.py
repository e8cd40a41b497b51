"""What may be shown of a config."""

from __future__ import annotations

import pytest

from clawfleet.config.redacted import REDACTED, NothingBehind, is_secret_name, redacted, restored


def test_secrets_are_replaced_and_variables_stay_readable() -> None:
    """Wherever they stand; the given tree is not touched."""
    tree = {
        "gateway": {"auth": {"mode": "token", "token": "abc"}},
        "models": {
            "providers": {
                "x": {"apiKey": "${KEY}", "headers": {"Authorization": "Bearer x", "X-Title": "t", "X-Team": "s"}}
            }
        },
        "channels": {"discord": {"accounts": [{"token": "d", "name": "n"}]}},
        "env": {"vars": {"OPENAI_API_KEY": "k", "TZ": "UTC"}, "FLAT_TOKEN": "f"},
    }
    before = repr(tree)
    assert redacted(tree) == {
        "gateway": {"auth": {"mode": "token", "token": REDACTED}},
        "models": {
            "providers": {
                "x": {"apiKey": "${KEY}", "headers": {"Authorization": REDACTED, "X-Title": "t", "X-Team": REDACTED}}
            }
        },
        "channels": {"discord": {"accounts": [{"token": REDACTED, "name": "n"}]}},
        "env": {"vars": {"OPENAI_API_KEY": REDACTED, "TZ": "UTC"}, "FLAT_TOKEN": REDACTED},
    }
    assert repr(tree) == before


def test_a_secret_around_a_variable_is_a_secret() -> None:
    """Only the variable alone is harmless."""
    assert redacted({"apiKey": "prefix-${KEY}"}) == {"apiKey": REDACTED}


def test_a_single_value_needs_its_path() -> None:
    """`config get gateway.auth.token` hands over just that."""
    assert redacted("abc", ("gateway", "auth", "token")) == REDACTED
    assert redacted("abc", ("gateway", "bind")) == "abc"
    assert redacted(["a"], ("tools", "allow")) == ["a"]


def test_a_login_inside_a_url() -> None:
    """Whatever the key is called."""
    assert redacted({"baseUrl": "https://me:pw@h/v1", "apiRoot": "http://h:80/x"}) == {
        "baseUrl": REDACTED,
        "apiRoot": "http://h:80/x",
    }


def test_nothing_is_not_a_secret() -> None:
    """Unset stays visibly unset."""
    tree = {"token": None, "password": "", "apiKey": False}
    assert redacted(tree) == tree


@pytest.mark.parametrize(
    "name",
    [
        "token",
        "botToken",
        "appToken",
        "userToken",
        "apiKey",
        "password",
        "webhookSecret",
        "clientSecret",
        "privateKey",
        "passphrase",
    ],
)
def test_names_of_secrets(name: str) -> None:
    """Of any section, known or not."""
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["maxTokens", "contextTokens", "tokenFile", "mode", "mainKey", "keyPath", "tokenMode", "allowFrom", "id"]
)
def test_names_that_only_sound_like_it(name: str) -> None:
    """A redacted number of tokens would help nobody."""
    assert not is_secret_name(name)


def test_a_shown_tree_comes_back_with_its_secrets() -> None:
    tree = {
        "gateway": {"auth": {"token": "s3cret"}},
        "list": [{"id": "a", "token": "one"}, {"id": "b", "token": "two"}],
    }
    assert restored(redacted(tree), tree) == tree
    moved = {"list": [{"id": "b", "token": REDACTED}]}
    assert restored(moved, tree) == {"list": [{"id": "b", "token": "two"}]}
    assert restored({"keys": [REDACTED, "x"]}, {"keys": ["one"]}) == {"keys": ["one", "x"]}


@pytest.mark.parametrize("known", [{}, {"token": {"source": "env"}}])
def test_the_marker_must_stand_for_something(known: object) -> None:
    with pytest.raises(NothingBehind):
        restored({"token": REDACTED}, known)
