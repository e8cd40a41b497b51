"""`openclaw channels add`."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import Home, OpenClaw


def telegram(home: Home) -> dict[str, object]:
    return dict(json.loads(home.config_path.read_text())["channels"]["telegram"])


def test_an_account_is_added_and_then_updated(home: Home, openclaw: OpenClaw) -> None:
    added = openclaw("channels", "add", "--channel", "telegram", "--token", "${TELEGRAM_BOT_TOKEN}")
    assert added.stdout.startswith('Added Telegram account "default".\n')
    assert telegram(home) == {"botToken": "${TELEGRAM_BOT_TOKEN}", "enabled": True}
    updated = openclaw("channels", "add", "--channel", "telegram", "--token-file", "/run/token", "--json")
    assert json.loads(updated.stdout) == {
        "ok": True,
        "channel": "telegram",
        "accountId": "default",
        "action": "updated",
        "changed": True,
    }
    assert telegram(home) == {"enabled": True, "tokenFile": "/run/token"}
    openclaw("channels", "add", "--channel", "telegram", "--use-env")
    assert telegram(home) == {"enabled": True}


def test_nobody_is_asked_without_a_terminal(openclaw: OpenClaw) -> None:
    result = openclaw("channels", "add", "--channel", "telegram")
    assert (result.exit_code, "Telegram needs a token." in result.stderr) == (1, True)
    both = openclaw("channels", "add", "--channel", "telegram", "--token", "x", "--use-env")
    assert both.exit_code == 2


def test_what_is_not_here_is_said(openclaw: OpenClaw) -> None:
    result = openclaw("channels", "add", "--channel", "discord", "--token", "x", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["code"] == "CHANNEL_NOT_SUPPORTED"
