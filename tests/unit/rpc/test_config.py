"""`config.get` shows what this gateway runs with, and no secret."""

import json
from pathlib import Path

import pytest

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


async def test_it_has_the_keys_that_clients_know(house: House) -> None:
    shown = await house.call("config.get")
    assert set(shown) == {
        *("path", "includedPaths", "includeProvenance", "agentRosterIncludeOwned", "bindingsIncludeOwned", "exists"),
        *(
            "raw",
            "parsed",
            "sourceConfig",
            "resolved",
            "valid",
            "runtimeConfig",
            "config",
            "hash",
            "issues",
            "warnings",
        ),
        *("legacyIssues", "configRevisionHash", "appliedConfigHash"),
    }


async def test_a_file_that_was_changed_by_hand_is_shown_as_it_is_now(tmp_path: Path) -> None:
    """What is written and what runs are told apart by their names."""
    async with open_house(tmp_path, {"logging": {"level": "info"}}) as house:
        before = await house.call("config.get")
        assert before["configRevisionHash"] == before["appliedConfigHash"]
        house.gateway.instance.config_path.write_text('{"logging": {"level": "debug"}}')
        after = await house.call("config.get")
    assert after["parsed"] == {"logging": {"level": "debug"}}
    assert after["config"]["logging"]["level"] == "info"
    assert after["hash"] != before["hash"]
    assert after["configRevisionHash"] != after["appliedConfigHash"] == before["appliedConfigHash"]


@pytest.mark.parametrize(
    ("text", "path", "parsed"),
    [('{"nosuch": 1}', "", {"nosuch": 1}), ("{ broken", "", {}), ('{"gateway": {"port": "x"}}', "gateway.port", None)],
)
async def test_a_file_that_cannot_be_used_says_why(house: House, text: str, path: str, parsed: object) -> None:
    house.gateway.instance.config_path.write_text(text)
    shown = await house.call("config.get")
    assert (shown["valid"], shown["issues"][0]["path"]) == (False, path)
    assert parsed is None or shown["parsed"] == parsed
    assert shown["config"]["gateway"]["port"] == 18789
