"""A key is taken from the first place that has one, and its place is known while it stays unseen."""

from __future__ import annotations

import pytest

from clawfleet.models.credentials import Credential, Unset, derived_name, find_credential, find_credentials, first_unset

NAMES = ("OPENAI_API_KEY", "CODEX_API_KEY")


def test_the_environment_comes_before_the_config() -> None:
    found = find_credential("openai", NAMES, "from-config", {"CODEX_API_KEY": " from-env\n"})
    assert found == Credential("from-env", "CODEX_API_KEY (environment or .env)")


def test_the_first_variable_wins_and_empty_ones_do_not_count() -> None:
    assert find_credential("openai", NAMES, None, {"OPENAI_API_KEY": "a", "CODEX_API_KEY": "b"}).key == "a"
    assert find_credential("openai", NAMES, None, {"OPENAI_API_KEY": "  ", "CODEX_API_KEY": "b"}).key == "b"


def test_the_config_serves_without_a_variable() -> None:
    assert find_credential("lan", (), " k3y ", {}) == Credential("k3y", "models.providers.lan.apiKey")


def test_a_custom_provider_has_a_derived_variable_at_last() -> None:
    assert derived_name("custom-127-0-0-1-8317") == "CUSTOM_127_0_0_1_8317_API_KEY"
    environ = {"LAN_API_KEY": "late"}
    assert find_credential("lan", (), None, environ).key == "late"
    assert find_credential("lan", (), "early", environ).key == "early"


def test_the_name_of_a_variable_means_its_value() -> None:
    found = find_credential("lan", (), "LITELLM_KEY", {"LITELLM_KEY": "value"})
    assert found == Credential("value", "LITELLM_KEY (environment or .env)")
    assert find_credential("lan", (), "LITELLM_KEY", {}).key == "LITELLM_KEY"


@pytest.mark.parametrize("marker", ["custom-local", "ollama-local", "secretref-env:X", "oauth:main"])
def test_a_marker_is_no_key(marker: str) -> None:
    assert find_credential("lan", (), marker, {}) == Credential()
    assert find_credential("lan", (), marker, {"LAN_API_KEY": "real"}).key == "real"


@pytest.mark.parametrize("value", ["two words", "a\x00b", "a\nb"])
def test_a_key_with_foreign_characters_is_a_named_problem(value: str) -> None:
    found = find_credential("openai", NAMES, None, {"OPENAI_API_KEY": value})
    assert found.key is None
    assert found.problem == "the key in OPENAI_API_KEY (environment or .env) holds a space or a control character"


def test_nothing_is_nothing() -> None:
    assert find_credential("openai", NAMES, None, {}) == Credential()


def test_a_key_stays_out_of_reprs() -> None:
    assert "s3cret" not in repr(Credential("s3cret", "here"))


def test_a_key_that_waits_for_a_variable_is_none() -> None:
    """The text of the config is no key, and no other variable stands in for the one that was named."""
    found = find_credential("lan", (), "${LOCAL_KEY}", {"LAN_API_KEY": "other"})
    assert found == Credential(unset=Unset("models.providers.lan.apiKey", "LOCAL_KEY"))
    assert str(found.unset) == (
        "models.providers.lan.apiKey needs LOCAL_KEY; not set in process env, <stateDir>/.env or env.vars"
    )
    assert find_credential("openai", NAMES, "${LOCAL_KEY}", {"OPENAI_API_KEY": "k"}).key == "k"


def test_the_first_value_that_waits_is_told() -> None:
    """With its own key path."""
    values = {"models.providers.x.baseUrl": "http://h/v1", "models.providers.x.headers.a": "Tok ${TEAM_KEY}"}
    assert first_unset(values) == Unset("models.providers.x.headers.a", "TEAM_KEY")
    assert first_unset({"a": "${lower}", "b": None}) is None


def test_all_keys_are_found_in_the_order_of_trying_none_twice() -> None:
    environ = {"OPENAI_API_KEYS": "a b", "OPENAI_API_KEY": "b", "OPENAI_API_KEY_2": "c"}
    found = find_credentials("openai", NAMES, "d", environ)
    assert [credential.key for credential in found] == ["a", "b", "c", "d"]
    assert [credential.key for credential in find_credentials("lan", (), "d", {"LAN_API_KEYS": "e,d"})] == ["d", "e"]
    assert find_credentials("lan", (), None, {}) == ()
