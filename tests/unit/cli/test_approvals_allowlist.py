"""`openclaw approvals allowlist add|remove`."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import Home, OpenClaw


def test_a_program_is_added_once_and_taken_off(home: Home, openclaw: OpenClaw) -> None:
    """What changes nothing writes nothing."""
    path = home.config_path.parent / "exec-approvals.json"
    assert "may run (main)" in openclaw("approvals", "allowlist", "add", "--agent", "main", "/usr/bin/git").stdout
    before = path.stat().st_mtime_ns
    assert "may run already" in openclaw("approvals", "allowlist", "add", "--agent", "main", "/usr/bin/git").stdout
    assert "was not listed (*)" in openclaw("approvals", "allowlist", "remove", "/usr/bin/git").stdout
    assert path.stat().st_mtime_ns == before
    told = json.loads(openclaw("approvals", "allowlist", "add", "~/bin/x", "--json").stdout)
    assert told["file"]["agents"]["*"]["allowlist"][0]["pattern"].endswith("/bin/x")
    assert not told["file"]["agents"]["*"]["allowlist"][0]["pattern"].startswith("~")
    openclaw("approvals", "allowlist", "remove", "/usr/bin/git", "--agent", "main")
    assert json.loads(path.read_text())["agents"]["main"]["allowlist"] == []
