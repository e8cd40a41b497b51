"""`openclaw models status`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.cli.conftest import Home, OpenClaw

KEY = "sk-proj-0123456789abcdefghij"
PROVIDER = {"baseUrl": "https://models.example/v1", "apiKey": KEY, "models": [{"id": "one"}, {"id": "two"}]}
CONFIG: dict[str, Any] = {
    "agents": {
        "defaults": {
            "model": {"primary": "mine/one", "fallbacks": ["mine/two"]},
            "imageModel": "mine/one",
            "models": {"mine/one": {"alias": "fast"}},
        }
    },
    "models": {"providers": {"mine": PROVIDER}},
}


@pytest.fixture(autouse=True)
def _config(home: Home) -> None:
    home.write_config(json.dumps(CONFIG))


def test_models_names_and_keys_are_told_and_keys_masked(openclaw: OpenClaw) -> None:
    result = openclaw("models", "status", "--check")
    assert result.exit_code == 0
    for line in (
        "Default               : mine/one",
        "Fallbacks (1)         : mine/two",
        "Image model           : mine/one",
        "Aliases (1)           : fast -> mine/one",
        "Configured models (3) : mine/one, mine/two, demo/echo",
        "1. mine/one  ready",
        "2. mine/two  ready",
        "- mine effective=models.json:sk-proj-...cdefghij |",
        "    source=models.providers.mine.apiKey",
    ):
        assert line in result.stdout
    assert KEY not in result.output
    assert openclaw("models", "status", "--plain").stdout == "mine/one\n"


def test_json_is_one_document_without_the_key(openclaw: OpenClaw) -> None:
    result = openclaw("models", "status", "--json")
    document = json.loads(result.stdout)
    assert (document["defaultModel"], document["fallbacks"], document["aliases"]) == (
        "mine/one",
        ["mine/two"],
        {"fast": "mine/one"},
    )
    assert document["auth"]["missing"] == []
    (mine,) = document["auth"]["providers"]
    assert mine["effective"] == {"kind": "models.json", "detail": "sk-proj-...cdefghij"}
    assert mine["profiles"] == {"count": 0, "oauth": 0, "token": 0, "apiKey": 0, "labels": []}
    assert KEY not in result.output


def test_a_missing_key_fails_the_check(home: Home, openclaw: OpenClaw) -> None:
    home.write_config(json.dumps({"agents": {"defaults": {"model": "openai/gpt-5.4"}}}))
    result = openclaw("models", "status", "--check")
    assert result.exit_code == 1
    assert "1. openai/gpt-5.4  cannot answer: no key: set OPENAI_API_KEY" in result.stdout
    assert openclaw("models", "status").exit_code == 0
    home.write_config(json.dumps({"agents": {"defaults": {"model": "nothing"}}}))
    assert openclaw("models", "status", "--check").exit_code == 1


def test_a_token_that_runs_out_is_told_by_the_check(home: Home, openclaw: OpenClaw) -> None:
    home.write_config(json.dumps({**CONFIG, "models": {"providers": {"mine": {**PROVIDER, "apiKey": ""}}}}))
    words = ("models", "auth", "paste-token", "--provider", "mine", "--expires-in")
    assert openclaw(*words, "2h", stdin="token-0123456789-abcdefgh\n").exit_code == 0
    assert openclaw("models", "status", "--check").exit_code == 2
    assert "expires in 1h" in openclaw("models", "status").stdout
    assert openclaw(*words, "30d", stdin="token-0123456789-abcdefgh\n").exit_code == 0
    assert openclaw("models", "status", "--check").exit_code == 0


def test_an_agent_has_a_route_of_its_own(home: Home, openclaw: OpenClaw) -> None:
    entries = {"main": {}, "coding": {"model": {"primary": "mine/two", "fallbacks": []}}}
    home.write_config(json.dumps({**CONFIG, "agents": {**CONFIG["agents"], "entries": entries}}))
    result = openclaw("models", "status", "--agent", "coding")
    assert "Default               : mine/two\nFallbacks (0)         : -" in result.stdout
    assert "1. mine/two  ready" in result.stdout and "2. " not in result.stdout
