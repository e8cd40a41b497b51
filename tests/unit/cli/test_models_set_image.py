"""`openclaw models set-image`."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import Home, OpenClaw


def test_it_is_kept(home: Home, openclaw: OpenClaw) -> None:
    result = openclaw("models", "set-image", "demo/echo")
    assert "Image model: demo/echo" in result.stdout
    assert json.loads(home.config_path.read_text())["agents"]["defaults"]["imageModel"] == {"primary": "demo/echo"}
    assert json.loads(openclaw("models", "set-image", "demo/echo", "--json").stdout)["changed"] is False
