"""`openclaw models scan`."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.unit.cli.conftest import Home, OpenClaw
from tests.unit.models.test_offers import KEY, Server


@pytest.fixture
def server(home: Home) -> Iterator[Server]:
    made = Server()
    provider = {"baseUrl": made.url, "apiKey": KEY, "models": [{"id": "a"}]}
    home.write_config(json.dumps({"models": {"providers": {"mine": provider}}}))
    yield made
    made.close()


def test_new_models_are_shown_and_nothing_is_written(home: Home, openclaw: OpenClaw, server: Server) -> None:
    before = home.config_path.read_text()
    result = openclaw("models", "scan", "--provider", "mine")
    assert result.stdout == (
        "Provider mine: 2 models, 1 new\n- b (4k)\nAdd them: openclaw models scan --provider mine --yes\n"
    )
    assert home.config_path.read_text() == before


def test_with_yes_they_are_added_and_chosen(home: Home, openclaw: OpenClaw, server: Server) -> None:
    result = openclaw("models", "scan", "--yes", "--set-default", "--no-probe")
    assert "Default model: mine/b" in result.stdout
    tree = json.loads(home.config_path.read_text())
    assert tree["models"]["providers"]["mine"]["models"] == [
        {"id": "a"},
        {"id": "b", "name": "b", "contextWindow": 4096},
    ]
    assert tree["agents"]["defaults"]["model"] == {"primary": "mine/b"}
    again = json.loads(openclaw("models", "scan", "--json", "--yes").stdout)
    assert (again["new"], again["changed"]) == ([], False)


def test_a_missing_key_is_said_as_such(home: Home, openclaw: OpenClaw) -> None:
    result = openclaw("models", "scan", "--provider", "openrouter", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["message"] == 'Missing API key for provider "openrouter".'


def test_a_refused_key_is_not_printed(openclaw: OpenClaw, server: Server) -> None:
    server.status = 401
    result = openclaw("models", "scan", "--provider", "mine")
    assert result.exit_code == 1
    assert "does not accept the key (HTTP 401)" in result.stderr
    assert KEY not in result.output


def test_which_provider_must_be_clear(openclaw: OpenClaw) -> None:
    assert "Which provider is meant?" in openclaw("models", "scan").stderr
