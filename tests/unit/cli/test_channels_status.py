"""openclaw channels status: one line an account, with and without a gateway."""

import json

import pytest

from clawfleet.cli.channels_status import channel_lines
from tests.unit.cli.conftest import FakeGateway, Home, OpenClaw

ROW = {
    "accountId": "default",
    "enabled": True,
    "configured": True,
    "running": True,
    "connected": True,
    "mode": "polling",
    "bot": "@clawy_bot",
    "lastInboundAt": 1_000,
}
STATUS = {
    "channelOrder": ["telegram"],
    "channelLabels": {"telegram": "Telegram"},
    "channelAccounts": {"telegram": [ROW | {"probe": {"ok": True}}]},
    "warnings": ["all DMs will be dropped"],
}
LINE = "enabled, configured, running, connected, in:1m ago, mode:polling, bot:@clawy_bot, token:***, works"


def test_an_account_is_one_line_and_warnings_follow() -> None:
    assert list(channel_lines(STATUS, 61_000)) == [f"- Telegram default: {LINE}", "! all DMs will be dropped"]


def test_without_channels_it_says_so() -> None:
    assert list(channel_lines({}, 0)) == ["No channels configured."]


def test_a_running_gateway_is_asked(openclaw: OpenClaw, own: FakeGateway) -> None:
    own.answers["channels.status"] = STATUS
    result = openclaw("channels", "status", "--probe", "--channel", "telegram", "--timeout", "2000")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "Gateway reachable."
    assert result.stdout.splitlines()[1].startswith("- Telegram default: enabled, configured, running, connected")
    assert "Checking channel status (probe)…" in result.stderr
    assert own.calls("channels.status") == [{"probe": True, "timeoutMs": 2000, "channel": "telegram"}]


def test_json_is_the_gateways_own_answer(openclaw: OpenClaw, own: FakeGateway) -> None:
    own.answers["channels.status"] = STATUS
    assert json.loads(openclaw("channels", "status", "--json").stdout) == STATUS


@pytest.mark.parametrize(
    ("channels", "line"),
    [
        ({"telegram": {"botToken": "1:secret"}}, "- Telegram default: enabled, configured, mode:polling, token:***"),
        ({"telegram": {"enabled": False}}, "- Telegram default: disabled, not configured"),
        ({}, "No channels configured."),
    ],
)
def test_without_a_gateway_the_config_is_shown(
    openclaw: OpenClaw, home: Home, channels: dict[str, object], line: str
) -> None:
    home.write_config(json.dumps({"gateway": {"mode": "local", "port": 9}, "channels": channels}))
    result = openclaw("channels", "status")
    assert result.exit_code == 0
    first, second, *rest = result.stdout.splitlines()
    assert first.startswith("Gateway not reachable at ws://127.0.0.1:9")
    assert second == "Gateway not reachable; showing config-only status."
    assert rest == [f"Config: {home.config_path}", "Mode: local", line]
    assert "secret" not in result.output


def test_without_a_gateway_json_says_that_too(openclaw: OpenClaw, home: Home) -> None:
    home.write_config(json.dumps({"gateway": {"mode": "local", "port": 9}, "channels": {"telegram": {}}}))
    told = json.loads(openclaw("channels", "status", "--json").stdout)
    assert told["gatewayReachable"] is False and "TELEGRAM_BOT_TOKEN" in told["channels"]["telegram"]["lastError"]


def test_a_gateway_that_does_not_answer_is_called_that_too(openclaw: OpenClaw, own: FakeGateway) -> None:
    own.answers["channels.status"] = lambda gateway, socket, request: socket.close(1012, "service restart")
    result = openclaw("channels", "status")
    assert result.exit_code == 0
    assert result.stdout.startswith("Gateway not reachable: ")
    assert "showing config-only status" in result.stdout
