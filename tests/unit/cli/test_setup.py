"""`openclaw setup`."""

from __future__ import annotations

import json

import pytest

from clawfleet.cli import setup_ask
from tests.unit.cli.conftest import Home, OpenClaw


def test_dev_is_set_up_without_a_question(home: Home, openclaw: OpenClaw) -> None:
    result = openclaw("setup", OPENCLAW_PROFILE="dev")
    assert result.exit_code == 0
    assert "Gateway: port 19001, bind loopback, auth token" in result.stdout
    assert (home.root / ".openclaw-dev" / "openclaw.json").is_file()
    assert not home.config_path.exists()


def test_a_baseline_is_made_once(home: Home, openclaw: OpenClaw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup_ask, "is_terminal", lambda: True)
    first = openclaw("setup", "--baseline", "--workspace", str(home.root / "w"), "--json")
    assert json.loads(first.stdout)["workspace"] == str(home.root / "w")
    assert (home.root / "w").is_dir()
    assert "(unchanged)" in openclaw("setup", "--baseline").stdout


def test_who_accepts_the_risk_is_onboarded(home: Home, openclaw: OpenClaw) -> None:
    assert openclaw("setup", "--non-interactive", "--accept-risk", "--skip-daemon").exit_code == 0
    assert "token" in json.loads(home.config_path.read_text())["gateway"]["auth"]
    assert openclaw("setup", "--wizard").exit_code == 1
