"""`openclaw channels list`."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import Home, OpenClaw


def test_accounts_come_from_the_config(home: Home, openclaw: OpenClaw) -> None:
    assert openclaw("channels", "list").stdout.startswith("No chat channels configured.\n")
    assert "- Telegram: not configured" in openclaw("channels", "list", "--all").stdout
    home.write_config(json.dumps({"channels": {"telegram": {"botToken": "${BOT}"}}}))
    assert openclaw("channels", "list", BOT="12:ab").stdout == (
        "Chat channels:\n- Telegram default: configured, token=config, enabled\n"
    )
    document = json.loads(openclaw("channels", "list", "--json").stdout)
    expected = {"accounts": ["default"], "label": "Telegram", "installed": True, "configured": False}
    assert document == {"chat": {"telegram": expected}}
