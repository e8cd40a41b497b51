"""The audit tells openings in OpenClaw's words and mends modes only."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import Home, OpenClaw

OPEN = '{gateway: {mode: "local", bind: "lan", auth: {mode: "none"}}}'


def test_openings_are_told_worst_first(openclaw: OpenClaw, home: Home) -> None:
    home.write_config(OPEN)
    home.config_path.chmod(0o644)
    done = openclaw("security", "audit")
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert lines[1].startswith("Summary: 1 critical · ")
    assert "✗ CRITICAL gateway.bind_no_auth" in lines
    assert max(map(len, lines)) <= 80


def test_fix_changes_modes_and_never_who_may_come_in(openclaw: OpenClaw, home: Home) -> None:
    home.write_config(OPEN)
    home.config_path.chmod(0o644)
    home.state_dir.chmod(0o755)
    document = json.loads(openclaw("security", "audit", "--fix", "--json").stdout)
    assert {row["path"] for row in document["fix"]["changes"]} == {"~/.openclaw", "~/.openclaw/openclaw.json"}
    assert document["report"]["summary"]["critical"] == 1
    assert home.config_path.read_text() == OPEN
    again = json.loads(openclaw("security", "audit", "--fix", "--json").stdout)
    assert again["fix"] == {"ok": True, "changes": [], "errors": []}


def test_json_has_the_keys_of_the_original(openclaw: OpenClaw, home: Home) -> None:
    home.write_config('{gateway: {mode: "local", auth: {token: "short"}}}')
    document = json.loads(openclaw("security", "audit", "--json").stdout)
    assert set(document) == {"ts", "summary", "findings"}
    rows = {row["checkId"]: row for row in document["findings"]}
    assert rows["gateway.token_too_short"]["severity"] == "warn"
    assert rows["config.plaintext_secrets"]["severity"] == "info"
    assert set(rows["gateway.token_too_short"]) == {"checkId", "severity", "title", "detail", "remediation"}


def test_a_broken_config_leaves_the_files_to_look_at(openclaw: OpenClaw, home: Home) -> None:
    home.write_config("{")
    done = openclaw("security", "audit")
    assert "only files were looked at" in done.stderr
