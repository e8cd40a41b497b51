from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.cli.checks.conftest import Look, local
from tests.unit.cli.conftest import Home


def telegram(**section: Any) -> str:
    return json.dumps(local() | {"channels": {"telegram": section}})


def test_a_bot_without_its_token(home: Home, look: Look) -> None:
    home.write_config(telegram(botToken="${TELEGRAM_BOT_TOKEN}"))
    found = look("channels/tokens")["channels.token_unusable"]
    assert "TELEGRAM_BOT_TOKEN" in found.message
    assert look("channels/tokens", {"TELEGRAM_BOT_TOKEN": "1:x"}) == {}


def test_a_bot_that_is_switched_off_needs_none(home: Home, look: Look) -> None:
    home.write_config(telegram(enabled=False))
    assert look("channels/tokens") == {}


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ({}, {}),
        ({"groupPolicy": "open"}, {"channels.telegram.groups.open": "error"}),
        ({"groupAllowFrom": ["*"]}, {"channels.telegram.groups.allowFrom.wildcard": "warning"}),
        ({"dmPolicy": "open", "allowFrom": ["*"]}, {"security.exposure.open_channels_with_exec": "error"}),
        ({"allowFrom": ["@ana", "42"]}, {"channels.telegram.allowFrom.invalid_entries": "warning"}),
        ({"enabled": False, "groupPolicy": "open"}, {}),
    ],
)
def test_who_may_command_the_agent(home: Home, look: Look, section: dict[str, Any], expected: dict[str, str]) -> None:
    home.write_config(telegram(**section))
    assert {check_id: finding.severity for check_id, finding in look("channels/openness").items()} == expected


def test_strangers_in_a_sandbox_are_no_error(home: Home, look: Look) -> None:
    config = json.loads(telegram(dmPolicy="open", allowFrom=["*"]))
    home.write_config(json.dumps(config | {"agents": {"defaults": {"sandbox": {"mode": "all"}}}}))
    assert look("channels/openness") == {}
