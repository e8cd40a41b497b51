"""Fallbacks of either model come and go alike."""

from __future__ import annotations

import json

import pytest

from tests.unit.cli.conftest import Home, OpenClaw


@pytest.mark.parametrize(
    ("group", "title", "key"),
    [("fallbacks", "Fallback", "model"), ("image-fallbacks", "Image fallback", "imageModel")],
)
def test_a_list_of_fallbacks(home: Home, openclaw: OpenClaw, group: str, title: str, key: str) -> None:
    home.write_config(json.dumps({"agents": {"defaults": {key: "demo/echo"}}}))
    assert openclaw("models", group, "list").stdout == f"{title}s (0): none\n"
    added = openclaw("models", group, "add", "openai/gpt-5.4")
    assert added.stdout == f"{title}s: openai/gpt-5.4\n"
    assert added.stderr == ""
    openclaw("models", group, "add", "openai/gpt-5.4")
    both = openclaw("models", group, "add", "demo/echo", "--json")
    assert json.loads(both.stdout)["fallbacks"] == ["openai/gpt-5.4", "demo/echo"]
    assert openclaw("models", group, "list", "--plain").stdout == "openai/gpt-5.4\ndemo/echo\n"
    assert json.loads(openclaw("models", group, "list", "--json").stdout)["fallbacks"][0] == "openai/gpt-5.4"
    assert openclaw("models", group, "remove", "demo/echo").stdout == f"{title}s: openai/gpt-5.4\n"
    missing = openclaw("models", group, "remove", "demo/echo")
    assert (missing.exit_code, f"{title} not found: demo/echo" in missing.stderr) == (1, True)
    assert openclaw("models", group, "clear").stdout == f"{title} list cleared.\n"
    assert json.loads(openclaw("models", group, "clear", "--json").stdout) == {"ok": True, "fallbacks": []}
    assert json.loads(home.config_path.read_text())["agents"]["defaults"][key] == {
        "primary": "demo/echo",
        "fallbacks": [],
    }
