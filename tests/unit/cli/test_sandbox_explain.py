"""`openclaw sandbox explain`."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import Home, OpenClaw

CONFIG = {
    "agents": {
        "defaults": {"sandbox": {"mode": "non-main", "scope": "session"}},
        "entries": {"main": {}, "coding": {"tools": {"deny": ["exec"]}}},
    }
}


def test_the_main_session_is_spared_and_others_are_not(home: Home, openclaw: OpenClaw) -> None:
    home.write_config(json.dumps(CONFIG))
    assert "Runtime: direct (on the host)" in openclaw("sandbox", "explain").stdout
    found = json.loads(openclaw("sandbox", "explain", "--session", "notes", "--json").stdout)
    assert found["sandbox"]["sessionIsSandboxed"] is True
    assert found["sandbox"]["scopeKey"] == "agent:main:notes"


def test_a_tool_that_is_missing_names_its_key(home: Home, openclaw: OpenClaw) -> None:
    home.write_config(json.dumps(CONFIG))
    assert "Not on offer: exec (agents.entries.coding.tools.deny removes it)" in (
        openclaw("sandbox", "explain", "--agent", "coding").stdout
    )
    assert openclaw("sandbox", "explain", "--agent", "nobody").exit_code == 2
