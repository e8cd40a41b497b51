"""`openclaw onboard`."""

from __future__ import annotations

import json

import pytest

from clawfleet.cli import setup_ask
from tests.unit.cli.conftest import Home, OpenClaw

FLAGS = ("onboard", "--non-interactive", "--accept-risk", "--skip-daemon")


def test_flags_alone_set_an_instance_up(home: Home, openclaw: OpenClaw) -> None:
    result = openclaw(
        *FLAGS, "--mode", "local", "--auth-choice", "custom-api-key", "--custom-base-url", "http://127.0.0.1:9911/v1",
        "--custom-model-id", "m1", "--custom-api-key", "k-1234567890", "--gateway-port", "18990",
        "--gateway-bind", "loopback", "--skip-channels", "--skip-skills", "--skip-health", "--json",
    )  # fmt: skip
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "ok": True,
        "mode": "local",
        "workspace": str(home.state_dir / "workspace"),
        "authChoice": "custom-api-key",
        "model": "custom-127-0-0-1-9911/m1",
        "gateway": {"port": 18990, "bind": "loopback", "authMode": "token"},
        "installDaemon": False,
        "skipHealth": True,
    }
    auth = json.loads(home.config_path.read_text())["gateway"]["auth"]
    assert auth["mode"] == "token" and len(auth["token"]) == 48
    assert "k-1234567890" not in result.output


def test_a_second_time_changes_nothing(home: Home, openclaw: OpenClaw) -> None:
    assert "Next: openclaw gateway run" in openclaw(*FLAGS).stdout
    before = home.config_path.read_text()
    assert "(unchanged)" in openclaw(*FLAGS).stdout
    assert home.config_path.read_text() == before


def test_without_a_terminal_the_risk_must_be_taken(home: Home, openclaw: OpenClaw) -> None:
    for line in (("onboard",), ("onboard", "--non-interactive")):
        result = openclaw(*line)
        assert result.exit_code == 1
        assert "requires explicit risk acknowledgement" in result.stderr
    assert not home.config_path.exists()


def test_another_gateway_is_used(home: Home, openclaw: OpenClaw) -> None:
    result = openclaw(*FLAGS, "--mode", "remote", "--remote-url", "wss://gateway.example", "--remote-token", "t0ken")
    assert "Gateway: wss://gateway.example" in result.stdout
    assert json.loads(home.config_path.read_text())["gateway"]["remote"]["url"] == "wss://gateway.example"


def test_on_a_terminal_it_asks(home: Home, openclaw: OpenClaw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup_ask, "is_terminal", lambda: True)
    answers = ["y", "keep", "", "18999", "", "", "n"]
    result = openclaw("onboard", stdin="\n".join(answers) + "\n")
    assert result.exit_code == 0, result.output
    assert "Gateway: port 18999" in result.stdout
    assert openclaw("onboard", stdin="n\n").exit_code == 130
