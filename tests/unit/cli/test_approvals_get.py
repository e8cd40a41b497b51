"""`openclaw approvals get`."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import Home, OpenClaw


def test_what_holds_is_the_stricter_of_both(home: Home, openclaw: OpenClaw) -> None:
    """The document's defaults against what the config asks for."""
    home.write_config('{"tools": {"exec": {"mode": "full"}}}')
    rules = {"version": 1, "defaults": {"security": "allowlist", "ask": "on-miss"}}
    (home.config_path.parent / "exec-approvals.json").write_text(json.dumps(rules))
    told = json.loads(openclaw("approvals", "get", "--json").stdout)
    (scope,) = told["effectivePolicy"]["scopes"]
    assert scope["security"] == {"requested": "full", "effective": "allowlist"}
    assert scope["askFallback"] == {"effective": "deny"}
    assert told["exists"] and told["file"]["defaults"]["ask"] == "on-miss"
    said = openclaw("approvals", "get").stdout
    assert "allowlist (asked for: full)" in said and "No allowlist entries." in said


def test_a_node_is_not_here(openclaw: OpenClaw) -> None:
    assert openclaw("approvals", "get", "--node", "mac").exit_code == 1
