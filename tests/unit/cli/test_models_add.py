"""`openclaw models add`."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import Home, OpenClaw

PROVIDER = {"baseUrl": "http://127.0.0.1:1/v1", "models": [{"id": "old", "name": "Old"}]}


def test_a_model_is_listed_behind_the_others_once(home: Home, openclaw: OpenClaw) -> None:
    home.write_config(json.dumps({"models": {"providers": {"My.Server": PROVIDER}}}))
    assert "Model: my.server/new" in openclaw("models", "add", "my.server/new").stdout
    again = openclaw("models", "add", "my.server/new", "--json")
    assert json.loads(again.stdout) == {"ok": True, "model": "my.server/new", "changed": False}
    providers = json.loads(home.config_path.read_text())["models"]["providers"]
    assert providers["My.Server"]["models"] == [{"id": "old", "name": "Old"}, {"id": "new", "name": "new"}]


def test_a_provider_must_be_known(openclaw: OpenClaw) -> None:
    result = openclaw("models", "add", "nobody/new")
    assert (result.exit_code, 'No provider "nobody"' in result.stderr) == (1, True)
    assert openclaw("models", "add", "new").exit_code == 2
