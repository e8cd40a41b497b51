from __future__ import annotations

import json

import pytest

from tests.unit.cli.checks.conftest import Look
from tests.unit.cli.conftest import Home


def test_a_mistyped_key_is_named_with_its_line_and_mended(home: Home, look: Look) -> None:
    home.write_config('{\n  gateway: {mode: "local", prot: 19000}, // mine\n}\n')
    found = look("config/validity")["config.invalid"]
    assert (found.severity, found.path) == ("error", "gateway")
    assert 'did you mean "port"' in found.message
    assert found.evidence.endswith("openclaw.json:2")
    assert look("config/validity", fix=True) == {}
    assert home.config_path.read_text() == '{\n  gateway: {mode: "local", port: 19000}, // mine\n}\n'
    assert look("config/validity", fix=True) == {}


def test_what_only_a_person_can_mend_is_left_as_it_is(home: Home, look: Look) -> None:
    text = '{gateway: {mode: "local", bind: "nowhere"}}'
    home.write_config(text)
    found = look("config/validity", fix=True)["config.invalid"]
    assert found.mend is None
    assert "validate" in found.fix
    assert home.config_path.read_text() == text


def test_a_file_that_is_no_json5_says_where(home: Home, look: Look) -> None:
    home.write_config("{ gateway: ")
    found = look("config/validity")["config.invalid"]
    assert "JSON5 parse failed" in found.message
    assert found.mend is None


def test_a_directory_in_place_of_the_file_is_unreadable(home: Home, look: Look) -> None:
    home.config_path.mkdir()
    assert look("config/validity")["config.unreadable"].severity == "error"


@pytest.mark.parametrize(
    ("config", "check_id"),
    [
        (None, "config.missing"),
        ({"logging": {}}, "gateway.mode_unset"),
        ({"gateway": {"mode": "remote"}}, "gateway.mode_remote"),
    ],
)
def test_what_keeps_a_gateway_from_starting_here(
    home: Home, look: Look, config: dict[str, object] | None, check_id: str
) -> None:
    if config is not None:
        home.write_config(json.dumps(config))
    assert list(look("config/start")) == [check_id]


def test_keys_without_effect_unset_variables_and_old_spellings_are_told_apart(home: Home, look: Look) -> None:
    home.write_config(
        '{gateway: {mode: "local"}, plugins: {}, env: {A: "${NOWHERE}"}, '
        'models: {providers: {x: {apiKey: "k"}}}, channels: {telegram: {dmPolicy: "allowlist"}}}'
    )
    found = look("config/remarks")
    assert set(found) == {
        *("config.unused_key", "env.variable_missing", "config.old_spelling"),
        *("models.provider_incomplete", "config.advice"),
    }
    assert found["env.variable_missing"].fix == "openclaw secrets set NOWHERE"
    assert found["config.unused_key"].fix.endswith("openclaw config unset plugins")


def test_checks_that_need_a_config_are_not_asked_without(home: Home, look: Look) -> None:
    home.write_config("{")
    assert look("config/start") == {}


def test_a_secret_that_cannot_be_had_is_told(home: Home, look: Look) -> None:
    ref = '{source: "env", provider: "default", id: "NOWHERE"}'
    home.write_config(f'{{gateway: {{mode: "local", auth: {{token: {ref}}}}}}}')
    assert "NOWHERE" in look("config/remarks")["secrets.unavailable"].message
    assert look("auth/secret")["gateway.auth_unresolved"].severity == "error"
