"""A provider is what is known of it, plus what the operator wrote, plus its key."""

from __future__ import annotations

from typing import Any

import pytest

from clawfleet.config.models.root import Config
from clawfleet.models.adapters import ADAPTERS
from clawfleet.models.presets import PRESETS, TEXT_AND_IMAGE
from clawfleet.models.providers.route import Shown
from clawfleet.models.setups import DEMO_DELAY_VARIABLE, ProviderSetup, guessed_spec, setups_of

LAN = {"baseUrl": "http://127.0.0.1:8317/v1", "models": [{"id": "m"}]}
CLOUD = {"baseUrl": "https://llm.example.com/v1", "models": [{"id": "m"}]}


def setup_of(name: str, written: dict[str, Any] | None = None, **environ: str) -> ProviderSetup:
    config = Config.model_validate({"models": {"providers": {name: written}}} if written else {})
    return setups_of(config, environ)[name]


def test_a_known_provider_needs_only_its_key() -> None:
    assert setup_of("openai").problem == "no key: set OPENAI_API_KEY or CODEX_API_KEY"
    setup = setup_of("openai", OPENAI_API_KEY="k")
    assert setup.problem is None
    assert setup.credential.key == "k"
    assert setup.base_url == "https://api.openai.com/v1"
    assert not setup.is_configured


def test_a_server_nearby_needs_no_key() -> None:
    setup = setup_of("lan", LAN)
    assert setup.problem is None
    assert (setup.connect_s, setup.idle_s) == (10.0, 300.0)


def test_a_remote_server_needs_one_and_says_where_it_may_stand() -> None:
    setup = setup_of("cloud", CLOUD)
    assert setup.problem == "no key: set CLOUD_API_KEY or models.providers.cloud.apiKey"
    assert setup.idle_s == 120.0
    assert setup_of("cloud", {**CLOUD, "apiKey": "k"}).problem is None
    assert setup_of("cloud", CLOUD, CLOUD_API_KEY="k").problem is None


def test_headers_of_its_own_may_stand_for_a_key() -> None:
    assert setup_of("cloud", {**CLOUD, "headers": {"x-team-key": "k"}}).problem is None


def test_a_key_that_cannot_be_sent_is_the_problem() -> None:
    problem = setup_of("lan", {**LAN, "apiKey": "two words"}).problem
    assert problem == "the key in models.providers.lan.apiKey holds a space or a control character"


@pytest.mark.parametrize(
    ("keys", "path"),
    [
        ({"apiKey": "${LOCAL_KEY}"}, "apiKey"),
        ({"headers": {"x-key": "Tok ${LOCAL_KEY}"}}, "headers.x-key"),
        ({"baseUrl": "http://${LOCAL_KEY}:8317/v1"}, "baseUrl"),
        ({"baseUrl": "https://${LOCAL_KEY}/v1", "apiKey": "k"}, "baseUrl"),
    ],
)
def test_a_variable_that_nobody_sets_is_the_problem(keys: dict[str, Any], path: str) -> None:
    """Near or far, with a key or without: the literal text goes nowhere."""
    setup = setup_of("lan", {**LAN, **keys})
    reason = f"models.providers.lan.{path} needs LOCAL_KEY; not set in process env, <stateDir>/.env or env.vars"
    assert setup.problem == reason
    assert setup.models


def test_a_timeout_replaces_the_limits_of_connection_and_silence() -> None:
    setup = setup_of("lan", {**LAN, "timeoutSeconds": 5})
    assert (setup.connect_s, setup.idle_s) == (5, 5)
    setup = setup_of("lan", {**LAN, "timeoutSeconds": 600})
    assert (setup.connect_s, setup.idle_s, setup.total_s) == (60, 600, 3600)
    assert setup_of("lan", {**LAN, "timeoutSeconds": 7200}).total_s == 7200
    assert setup_of("lan", LAN, CLAWFLEET_MODEL_TOTAL_S="900").total_s == 900
    assert setup_of("lan", LAN, CLAWFLEET_MODEL_TOTAL_S="soon").total_s == 3600


def test_model_rows_fall_back_to_the_provider() -> None:
    written = {
        **LAN,
        "contextWindow": 9000,
        "maxTokens": 900,
        "models": [
            {"id": "a"},
            {
                "id": "b",
                "name": "Bee",
                "contextWindow": 1,
                "maxTokens": 2,
                "reasoning": True,
                "input": ["text", "image"],
                "compat": {"supportsTools": False},
            },
        ],
    }
    a, b = setup_of("lan", written).models
    assert (a.id, a.name, a.context_window, a.max_tokens, a.input) == ("a", "a", 9000, 900, ("text",))
    assert (b.name, b.context_window, b.max_tokens, b.reasoning, b.input) == ("Bee", 1, 2, True, ("text", "image"))
    assert b.compat == {"supportsTools": False}
    assert setup_of("lan", LAN).models[0].context_window == 128_000
    assert setup_of("lan", LAN).models[0].max_tokens is None


def test_an_overlay_at_the_presets_own_address_keeps_its_models() -> None:
    preset = PRESETS["openai"]
    setup = setup_of(
        "openai", {"baseUrl": f"{preset.base_url}/", "apiKey": "k", "models": [{"id": "gpt-5.2", "name": "Mine"}]}
    )
    assert [spec.id for spec in setup.models] == ["gpt-5.2", *(m.id for m in preset.models if m.id != "gpt-5.2")]
    assert setup.models[0].name == "Mine"
    assert setup.compat == preset.compat
    assert setup.spec("gpt-brand-new") is not None


def test_an_overlay_says_only_what_differs() -> None:
    """Address, wire and models stay those that are known."""
    preset = PRESETS["openai"]
    setup = setup_of("openai", {"apiKey": "k"})
    assert (setup.base_url, setup.credential.key, setup.problem) == (preset.base_url, "k", None)
    assert (setup.models, setup.compat, setup.is_configured) == (preset.models, preset.compat, True)
    assert setup.spec("gpt-brand-new") is not None
    own = setup_of("openai", {"models": [{"id": "mine"}], "apiKey": "k"})
    assert [spec.id for spec in own.models] == ["mine", *(spec.id for spec in preset.models)]


def test_a_preset_behind_another_address_keeps_its_models() -> None:
    """A proxy before the known provider is all that changed."""
    preset = PRESETS["openai"]
    setup = setup_of("openai", {"baseUrl": "http://127.0.0.1:8317/v1"}, OPENAI_API_KEY="k")
    assert setup.base_url == "http://127.0.0.1:8317/v1"
    assert (setup.models, setup.compat, setup.takes_any) == (preset.models, preset.compat, True)


def test_a_preset_moved_elsewhere_has_only_what_is_listed() -> None:
    setup = setup_of("openai", {**LAN, "apiKey": "k"})
    assert [spec.id for spec in setup.models] == ["m"]
    assert setup.compat == {}
    assert setup.spec("gpt-5.2") is None


def test_a_provider_without_a_list_takes_any_id() -> None:
    setup = setup_of("lan", {**LAN, "models": []})
    assert setup.models == ()
    assert setup.spec("whatever") == guessed_spec("whatever")


def test_a_wire_that_is_not_spoken_is_the_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(ADAPTERS, "anthropic-messages")
    setup = setup_of("lan", {**LAN, "api": "anthropic-messages"})
    assert setup.problem == "api anthropic-messages is not supported yet"


@pytest.mark.parametrize(
    ("name", "written", "api"),
    [
        ("anthropic", {"apiKey": "k"}, "anthropic-messages"),
        ("anthropic", {"apiKey": "k", "baseUrl": "https://proxy.example.com"}, "anthropic-messages"),
        ("openai", {"apiKey": "k"}, "openai-responses"),
        ("openai", {"apiKey": "k", "baseUrl": "https://proxy.example.com/v1"}, "openai-completions"),
        ("openai", {"apiKey": "k", "api": "openai-completions"}, "openai-completions"),
    ],
)
def test_the_wire_is_the_known_one_unless_written(name: str, written: dict[str, Any], api: str) -> None:
    assert setup_of(name, written).api == api


def test_replace_leaves_known_providers_out() -> None:
    config = Config.model_validate({"models": {"mode": "replace", "providers": {"lan": LAN}}})
    assert list(setups_of(config, {"OPENAI_API_KEY": "k"})) == ["lan", "demo"]


def test_ids_have_one_spelling() -> None:
    config = Config.model_validate({"models": {"providers": {"Z.AI": LAN}}})
    assert setups_of(config, {})["zai"].base_url == LAN["baseUrl"]


@pytest.mark.parametrize(
    ("delay", "compat"), [("0", {"wordDelayMs": 0}), (" 7 ", {"wordDelayMs": 7}), ("x", {}), ("", {})]
)
def test_the_demos_pace_comes_from_a_variable(delay: str, compat: dict[str, int]) -> None:
    setup = setups_of(Config(), {DEMO_DELAY_VARIABLE: delay})["demo"]
    assert setup.compat == compat
    assert setup.problem is None


@pytest.mark.parametrize(
    ("model", "sees"),
    [
        ("gpt-4o-mini", True),
        ("anthropic/claude-opus-5", True),
        ("qwen2.5-vl-7b", True),
        ("Qwen3-VL", True),
        ("llava:13b", True),
        ("llama-3.3-70b", False),
        ("deepseek-v4-pro", False),
        ("qwen3.5-plus", False),
    ],
)
def test_sight_is_guessed_from_the_name(model: str, sees: bool) -> None:
    assert (guessed_spec(model).input == TEXT_AND_IMAGE) is sees


def test_whoever_asks_a_provider_reaches_it_the_same_way() -> None:
    """Chats, vectors and the list of models: one address, one key, the operator's headers and limits."""
    setup = setup_of("cloud", {**CLOUD, "apiKey": "s3cret", "headers": {"x-a": "1"}, "timeoutSeconds": 5})
    endpoint = setup.endpoint
    assert (endpoint.provider, endpoint.base_url, endpoint.api_key) == ("cloud", setup.base_url, "s3cret")
    assert (endpoint.headers, endpoint.key_source) == ({"x-a": "1"}, setup.credential.source)
    assert (endpoint.connect_s, endpoint.idle_s, endpoint.total_s) == (5, 5, setup.total_s)
    assert (endpoint.route, endpoint.shown, endpoint.auth_header) == (setup.route, setup.shown, setup.auth_header)


def test_no_key_stands_in_a_repr() -> None:
    setup = setup_of("cloud", {**CLOUD, "apiKey": "s3cret", "headers": {"x-key": "s3cret"}})
    assert "s3cret" not in repr(setup)


def test_what_the_operator_wrote_of_requests_is_kept() -> None:
    written = {
        **CLOUD,
        "authHeader": True,
        "headers": {"X-A": "1", "X-B": "1"},
        "params": {"temperature": 0.5},
        "request": {
            "headers": {"x-b": "2"},
            "auth": {"mode": "header", "headerName": "x-key", "value": "v"},
            "allowPrivateNetwork": False,
        },
        "models": [
            {
                "id": "m",
                "headers": {"x-a": "3", "x-b": "3"},
                "params": {"seed": 1},
                "thinkingLevelMap": {"max": "ultra", "off": None},
            }
        ],
    }
    setup = setup_of("cloud", written)
    assert setup.problem is None  # what shows who asks may stand for a key
    assert setup.headers == {"x-a": "1", "x-b": "2"}
    assert (setup.auth_header, setup.shown, setup.route.private) == (True, Shown("x-key", "v"), False)
    spec = setup.spec("m")
    assert spec is not None
    assert (spec.headers, spec.params) == ({"x-a": "3", "x-b": "2"}, {"seed": 1})
    assert spec.levels == {"max": "ultra", "off": None}
