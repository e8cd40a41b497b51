"""`openclaw channels remove`."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import Home, OpenClaw

CONFIG = {"gateway": {"mode": "local"}, "channels": {"telegram": {"botToken": "12:ab", "dmPolicy": "disabled"}}}


def test_an_account_is_switched_off_and_keeps_its_settings(home: Home, openclaw: OpenClaw) -> None:
    home.write_config(json.dumps(CONFIG))
    assert openclaw("channels", "remove", "--channel", "telegram").stdout.startswith("Disabled Telegram account")
    assert json.loads(home.config_path.read_text())["channels"]["telegram"] == {
        "botToken": "12:ab",
        "dmPolicy": "disabled",
        "enabled": False,
    }


def test_or_it_goes(home: Home, openclaw: OpenClaw) -> None:
    home.write_config(json.dumps(CONFIG))
    gone = openclaw("channels", "remove", "--channel", "telegram", "--delete", "--json")
    assert json.loads(gone.stdout)["action"] == "deleted"
    assert "telegram" not in json.loads(home.config_path.read_text())["channels"]
    again = openclaw("channels", "remove", "--channel", "telegram", "--delete")
    assert (again.exit_code, "is not configured" in again.stderr) == (1, True)
