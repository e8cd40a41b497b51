"""`config.get` shows what this gateway runs with, and no secret."""

import json
from pathlib import Path

from tests.unit.rpc.house import House, open_house

SECRETS = ("tok-1234567890", "sk-provider-key", "bot:telegram-token")


async def test_without_a_file_the_built_in_config_is_shown_as_such(house: House) -> None:
    shown = await house.call("config.get")
    assert (shown["exists"], shown["valid"], shown["issues"], shown["raw"]) == (False, True, [], None)
    assert shown["path"].endswith("openclaw.json")
    assert shown["config"]["gateway"]["http"]["endpoints"]["chatCompletions"]["enabled"] is True
    assert shown["hash"] != shown["appliedConfigHash"]


async def test_a_files_own_words_and_the_typed_config_come_without_secrets(tmp_path: Path) -> None:
    config = {
        "gateway": {"port": 19001, "auth": {"mode": "token", "token": SECRETS[0]}},
        "models": {"providers": {"fake": {"baseUrl": "http://127.0.0.1:9/v1", "apiKey": SECRETS[1], "models": []}}},
        "channels": {"telegram": {"botToken": SECRETS[2], "enabled": False}},
        "cron": {"enabled": False},
    }
    async with open_house(tmp_path, config) as house:
        shown = await house.call("config.get")
    assert shown["exists"] is True
    assert shown["parsed"]["gateway"] == {
        "port": 19001,
        "auth": {"mode": "token", "token": "__OPENCLAW_REDACTED__"},
    }
    assert shown["config"]["gateway"]["port"] == 19001
    assert shown["config"]["models"]["providers"]["fake"]["apiKey"] == "__OPENCLAW_REDACTED__"
    assert not any(secret in json.dumps(shown) for secret in SECRETS)
    assert [row["path"] for row in shown["warnings"]] == ["cron.enabled"] or shown["warnings"]


async def test_a_variable_in_the_file_stays_a_variable(tmp_path: Path) -> None:
    """What is resolved from the environment never leaves the process."""
    config = {
        "env": {"vars": {"MY_PORT_NOTE": "resolved-value"}},
        "agents": {"entries": {"a": {"name": "${MY_PORT_NOTE}"}}},
    }
    async with open_house(tmp_path, config) as house:
        shown = await house.call("config.get")
    assert shown["parsed"]["agents"]["entries"]["a"]["name"] == "${MY_PORT_NOTE}"


async def test_it_needs_to_be_allowed_to_read(house: House) -> None:
    error = await house.refused("config.get", caller=house.caller("operator.pairing"))
    assert error["details"]["missingScope"] == "operator.read"
