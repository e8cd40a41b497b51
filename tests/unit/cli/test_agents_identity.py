"""`openclaw agents set-identity`."""

from __future__ import annotations

import json

from clawfleet.cli.agents_identity import read_identity
from tests.unit.cli.conftest import Home, OpenClaw


def test_the_identity_is_kept_in_the_config(home: Home, openclaw: OpenClaw) -> None:
    home.write_config(json.dumps({"agents": {"list": [{"id": "main"}]}}))
    done = openclaw("agents", "set-identity", "--name", "Bolt", "--emoji", "🔧")
    assert "Agent: main\nName: Bolt\nEmoji: 🔧\n" in done.stdout
    assert json.loads(home.config_path.read_text())["agents"]["list"] == [
        {"id": "main", "name": "Bolt", "identity": {"name": "Bolt", "emoji": "🔧"}}
    ]


def test_the_workspace_may_say_it(home: Home, openclaw: OpenClaw) -> None:
    workspace = home.state_dir / "workspace"
    assert openclaw("agents", "set-identity", "--from-identity").exit_code == 1
    workspace.mkdir()
    (workspace / "IDENTITY.md").write_text("- **Name:** Ada\n- **Vibe:** dry\n- **Emoji:** _(pick one)_\n")
    done = openclaw("agents", "set-identity", "--from-identity", "--theme", "warm", "--json")
    assert json.loads(done.stdout)["identity"] == {"name": "Ada", "theme": "warm"}


def test_something_must_be_said(openclaw: OpenClaw) -> None:
    assert openclaw("agents", "set-identity").exit_code == 2


def test_lines_that_say_nothing_are_no_identity() -> None:
    assert read_identity("# IDENTITY\nName:\nColour: red\n") == {}
