"""Credentials of an older release are taken over by `--fix`, once."""

from __future__ import annotations

import json

from tests.unit.cli.checks.conftest import Look
from tests.unit.cli.conftest import Home, OpenClaw


def test_they_are_taken_over_and_put_aside(home: Home, look: Look, openclaw: OpenClaw) -> None:
    folder = home.state_dir / "agents" / "main" / "agent"
    folder.mkdir(parents=True)
    (folder / "auth-profiles.json").write_text(json.dumps({"groq": {"apiKey": "k-very-secret"}}))
    fixed = openclaw("doctor", "--fix", "--yes")
    assert "k-very-secret" not in fixed.output
    assert "groq:default" in openclaw("models", "auth", "list").stdout
    assert [file.name.partition(".migrated-")[0] for file in folder.iterdir()] == ["auth-profiles.json"]
    assert look("files/old-credentials") == {}
