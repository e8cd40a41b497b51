"""`openclaw models status`."""

from __future__ import annotations

import json

import pytest

from tests.unit.cli.conftest import Home, OpenClaw

KEY = "sk-proj-0123456789abcdefghij"
CONFIG = {
    "agents": {
        "defaults": {
            "model": {"primary": "mine/one", "fallbacks": ["mine/two"]},
            "imageModel": "mine/one",
            "models": {"mine/one": {"alias": "fast"}},
        }
    },
    "models": {
        "providers": {
            "mine": {"baseUrl": "https://models.example/v1", "apiKey": KEY, "models": [{"id": "one"}, {"id": "two"}]}
        }
    },
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
        "- mine effective=models.json:sk-proj-...cdefghij | source=models.providers.mine.apiKey",
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
    assert KEY not in result.output


def test_a_missing_key_fails_the_check(home: Home, openclaw: OpenClaw) -> None:
    home.write_config(json.dumps({"agents": {"defaults": {"model": "openai/gpt-5.4"}}}))
    result = openclaw("models", "status", "--check")
    assert result.exit_code == 1
    assert "- openai/gpt-5.4: no key: set OPENAI_API_KEY" in result.stdout
    assert openclaw("models", "status").exit_code == 0
    home.write_config(json.dumps({"agents": {"defaults": {"model": "nothing"}}}))
    assert openclaw("models", "status", "--check").exit_code == 1
