"""`openclaw approvals set`."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import Home, OpenClaw


def test_rules_from_a_file_of_json5(home: Home, openclaw: OpenClaw) -> None:
    path = home.config_path.parent / "rules.json5"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('{ version: 1, defaults: { security: "full", ask: "off", askFallback: "full" } }')
    assert openclaw("approvals", "set", "--file", str(path)).exit_code == 0
    kept = json.loads((home.config_path.parent / "exec-approvals.json").read_text())
    assert kept["defaults"] == {"security": "full", "ask": "off", "askFallback": "full"}


def test_what_is_no_rule_is_refused_and_nothing_is_written(home: Home, openclaw: OpenClaw) -> None:
    path = home.config_path.parent / "rules.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    for text in ('{ "defaults": { "security": "some" } }', "{ broken", '{ "rules": [] }'):
        path.write_text(text)
        assert openclaw("approvals", "set", "--file", str(path)).exit_code == 1
    assert openclaw("approvals", "set", "--file", str(path.with_name("none"))).exit_code == 1
    assert openclaw("approvals", "set").exit_code == 2
    assert not (home.config_path.parent / "exec-approvals.json").exists()
