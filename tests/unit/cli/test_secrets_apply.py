"""References in place of secrets, in the config and in what is kept beside it."""

from __future__ import annotations

import json

import pytest

from tests.unit.cli.conftest import Home, OpenClaw

CONFIG = '{\n  // mine\n  gateway: {mode: "local", auth: {token: "plain-token-1"}},\n}\n'


@pytest.fixture
def plan(home: Home) -> str:
    home.write_config(CONFIG)
    (home.state_dir / "openclaw.json.bak").write_text('{gateway: {auth: {token: "older-token"}}}')
    (home.state_dir / "openclaw.json.bak.1").write_bytes(b"\xff")
    target = {"type": "gateway.auth.token", "path": "gateway.auth.token", "ref": {"source": "env", "id": "GATE"}}
    file = home.root / "plan.json"
    file.write_text(json.dumps({"version": 1, "targets": [target]}))
    return str(file)


def test_it_wants_the_variable_first(openclaw: OpenClaw, home: Home, plan: str) -> None:
    done = openclaw("secrets", "apply", "--from", plan)
    assert done.exit_code == 1
    assert "openclaw secrets set GATE" in done.stderr
    assert home.config_path.read_text() == CONFIG


def test_no_copy_of_the_secret_is_left(openclaw: OpenClaw, home: Home, plan: str) -> None:
    dry = openclaw("secrets", "apply", "--from", plan, "--dry-run", GATE="plain-token-1")
    assert dry.stdout == "Dry run: would change ~/.openclaw/openclaw.json\n"
    assert home.config_path.read_text() == CONFIG
    done = openclaw("secrets", "apply", "--from", plan, "--json", GATE="plain-token-1")
    assert json.loads(done.stdout)["changed"] is True
    assert home.config_path.read_text() == CONFIG.replace("plain-token-1", "${GATE}")
    kept = b"".join(file.read_bytes() for file in home.state_dir.glob("openclaw.json*"))
    assert b"plain-token-1" not in kept
    assert b"older-token" not in kept
    assert openclaw("secrets", "apply", "--from", plan, GATE="plain-token-1").stdout == "No change\n"
