"""`openclaw models aliases`."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import Home, OpenClaw


def test_an_alias_comes_is_used_and_goes(home: Home, openclaw: OpenClaw) -> None:
    assert openclaw("models", "aliases", "list").stdout == "Aliases (0): none\n"
    assert openclaw("models", "aliases", "add", "Fast", "demo/echo").stdout.startswith("Alias Fast -> demo/echo\n")
    assert openclaw("models", "aliases", "list").stdout == "Aliases (1):\n- Fast -> demo/echo\n"
    assert openclaw("models", "aliases", "list", "--plain").stdout == "Fast demo/echo\n"
    assert json.loads(openclaw("models", "aliases", "list", "--json").stdout) == {"aliases": {"Fast": "demo/echo"}}
    again = openclaw("models", "aliases", "add", "fast", "fast", "--json")
    assert json.loads(again.stdout)["model"] == "demo/echo"
    assert openclaw("models", "aliases", "remove", "FAST").stdout == "Removed alias: FAST\n"
    assert json.loads(home.config_path.read_text())["agents"]["defaults"]["models"] == {}


def test_what_else_is_known_of_the_model_stays(home: Home, openclaw: OpenClaw) -> None:
    home.write_config(json.dumps({"agents": {"defaults": {"models": {"demo/echo": {"alias": "a", "params": {}}}}}}))
    gone = openclaw("models", "aliases", "remove", "a", "--json")
    assert json.loads(gone.stdout) == {"ok": True, "removed": "a"}
    assert json.loads(home.config_path.read_text())["agents"]["defaults"]["models"] == {"demo/echo": {"params": {}}}


def test_no_name_means_two_models(openclaw: OpenClaw) -> None:
    openclaw("models", "aliases", "add", "fast", "demo/echo")
    taken = openclaw("models", "aliases", "add", "FAST", "openai/gpt-5.4")
    assert taken.exit_code == 1
    assert "Alias FAST already means demo/echo" in taken.stderr
    assert openclaw("models", "aliases", "add", "a/b", "demo/echo").exit_code == 1
    assert "Alias not found: gone" in openclaw("models", "aliases", "remove", "gone").stderr
