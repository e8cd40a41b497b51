"""`openclaw models set-image`."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import Home, OpenClaw


def test_it_is_kept_and_said_to_be_only_kept(home: Home, openclaw: OpenClaw) -> None:
    result = openclaw("models", "set-image", "demo/echo")
    assert "Image model: demo/echo" in result.stdout
    assert "no model of its own for pictures yet" in result.stderr
    assert json.loads(home.config_path.read_text())["agents"]["defaults"]["imageModel"] == {"primary": "demo/echo"}
    assert json.loads(openclaw("models", "set-image", "demo/echo", "--json").stdout)["changed"] is False
