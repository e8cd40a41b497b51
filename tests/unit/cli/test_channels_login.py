"""`openclaw channels login`."""

from __future__ import annotations

from tests.unit.cli.conftest import OpenClaw


def test_a_channel_with_a_token_has_no_login(openclaw: OpenClaw) -> None:
    result = openclaw("channels", "login", "--channel", "telegram")
    assert result.exit_code == 1
    assert "Telegram has no login" in result.stderr and "channels add" in result.stderr
