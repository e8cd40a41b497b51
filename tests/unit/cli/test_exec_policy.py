"""`openclaw exec-policy`: config and rules in one step."""

from __future__ import annotations

import json

import pyjson5

from tests.unit.cli.conftest import Home, OpenClaw


def test_a_preset_sets_both_sides(home: Home, openclaw: OpenClaw) -> None:
    home.write_config('{ tools: { exec: { mode: "full" } } }')
    told = json.loads(openclaw("exec-policy", "preset", "cautious", "--json").stdout)
    assert told["preset"] == "cautious"
    (scope,) = told["effectivePolicy"]["scopes"]
    assert (scope["security"]["effective"], scope["ask"]["effective"]) == ("allowlist", "on-miss")
    execution = pyjson5.decode(home.config_path.read_text())["tools"]["exec"]
    assert execution == {"host": "gateway", "security": "allowlist", "ask": "on-miss"}
    rules = json.loads((home.config_path.parent / "exec-approvals.json").read_text())
    assert rules["defaults"] == {"security": "allowlist", "ask": "on-miss", "askFallback": "deny"}


def test_only_what_is_given_is_set(home: Home, openclaw: OpenClaw) -> None:
    home.write_config("{}")
    assert openclaw("exec-policy", "set", "--ask", "always").exit_code == 0
    assert pyjson5.decode(home.config_path.read_text())["tools"]["exec"] == {"ask": "always"}
    assert "always" in openclaw("exec-policy", "show").stdout
    assert openclaw("exec-policy", "set").exit_code == 2
    assert openclaw("exec-policy", "preset", "wild").exit_code == 2
