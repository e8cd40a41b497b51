"""`openclaw models set`."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.unit.cli.conftest import Home, OpenClaw
from tests.unit.models.test_discovery import Server


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def test_a_model_is_set_by_ref_or_alias(home: Home, openclaw: OpenClaw) -> None:
    home.write_config('{\n  // mine\n  "agents": {"defaults": {"models": {"demo/echo": {"alias": "fast"}}}}\n}\n')
    result = openclaw("models", "set", "fast")
    assert result.exit_code == 0
    assert result.stdout.startswith(
        "Updated config: ~/.openclaw/openclaw.json\n  Backup: ~/.openclaw/openclaw.json.bak\nDefault model: demo/echo\n"
    )
    assert "// mine" in home.config_path.read_text()
    again = openclaw("models", "set", "demo/echo", "--json")
    assert json.loads(again.stdout) == {"ok": True, "model": "demo/echo", "changed": False}


def test_an_unknown_model_is_set_with_a_warning(home: Home, openclaw: OpenClaw) -> None:
    result = openclaw("models", "set", "nobody/nothing")
    assert result.exit_code == 0
    assert 'Unknown provider "nobody"' in result.stderr
    assert json.loads(home.config_path.read_text())["agents"]["defaults"]["model"] == {"primary": "nobody/nothing"}


def test_a_provider_that_answers_says_which_models_it_has(home: Home, openclaw: OpenClaw, server: Server) -> None:
    provider = {"baseUrl": server.url, "models": [{"id": "old"}]}
    home.write_config(json.dumps({"models": {"providers": {"mine": provider}}}))
    wrong = openclaw("models", "set", "mine/nothing")
    assert "Provider mine answers /models with: a, b" in wrong.stderr
    assert "openclaw models add mine/a" in wrong.stderr
    assert "Add it: openclaw models add mine/b" in openclaw("models", "set", "mine/b").stderr
    server.status = 500
    assert "Provider mine" not in openclaw("models", "set", "mine/c").stderr
