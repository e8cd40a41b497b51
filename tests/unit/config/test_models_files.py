"""Older releases' `models.json` adds to the config and never hides what the config refers to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from clawfleet.config.env import resolve_instance
from clawfleet.config.load import Snapshot, check_text
from clawfleet.config.models.providers import ModelProvider

FILE = {
    "baseUrl": "http://127.0.0.1:9/v1",
    "apiKey": "key-of-the-file",
    "headers": {"X-A": "1", "X-B": "secretref-managed"},
    "models": [{"id": "both", "name": "Of the file", "contextWindow": 7000}, {"id": "file-only"}],
}
CONFIG = {"baseUrl": "https://config.example/v1", "apiKey": "key-of-the-config", "models": [{"id": "both"}]}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def keep(home: Path, providers: object, agent: str = "main") -> None:
    file = home / ".openclaw" / "agents" / agent / "agent" / "models.json"
    file.parent.mkdir(parents=True)
    file.write_text(providers if isinstance(providers, str) else json.dumps({"providers": providers}))


def read(home: Path, **config: Any) -> Snapshot:
    instance = resolve_instance(environ={"HOME": str(home), "LAN_KEY": "from-env"}, cwd=home)
    return check_text(instance, json.dumps(config))


def lan(home: Path, row: object, **more: Any) -> ModelProvider:
    return read(home, models={"providers": {"lan": row}, **more}).config.models.providers["lan"]


def test_address_and_key_are_the_files_and_models_are_united(home: Path) -> None:
    keep(home, {"lan": FILE})
    found = lan(home, CONFIG)
    assert found.base_url == "http://127.0.0.1:9/v1"
    assert found.api_key is not None and found.api_key.get_secret_value() == "key-of-the-file"
    assert found.key_place == "models.json: ~/.openclaw/agents/main/agent/models.json"
    assert [(row.id, row.context_window) for row in found.models or ()] == [("both", 7000), ("file-only", None)]
    assert list(found.headers) == ["X-A"], "a marker is no secret"
    named = lan(home, {**CONFIG, "models": [{"id": "both", "name": "Mine", "contextWindow": 9}]})
    assert next((row.name, row.context_window) for row in named.models or ()) == ("Mine", 9), "the config's words count"


@pytest.mark.parametrize("key", ["${LAN_KEY}", {"source": "env", "provider": "default", "id": "LAN_KEY"}])
def test_a_key_that_the_config_refers_to_is_not_replaced(home: Path, key: object) -> None:
    keep(home, {"lan": FILE})
    found = lan(home, {**CONFIG, "apiKey": key})
    assert found.api_key is not None and found.api_key.get_secret_value() == "from-env" and found.key_place is None


def test_a_provider_that_only_a_file_has_is_there_unless_only_the_config_counts(home: Path) -> None:
    keep(home, {"lan": {**FILE, "apiKey": "secretref-env:LAN_KEY"}})
    (found,) = read(home).config.models.providers.values()
    assert found.api_key is None and [row.id for row in found.models or ()] == ["both", "file-only"]
    assert not read(home, models={"mode": "replace"}).config.models.providers


def test_the_default_agent_comes_first_and_what_cannot_be_read_is_told(home: Path) -> None:
    keep(home, {"lan": {**FILE, "baseUrl": "http://127.0.0.1:1/v1"}}, "coding")
    keep(home, {"lan": FILE, "odd": {"baseUrl": "http://127.0.0.1:2/v1", "api": "telepathy"}})
    entries = {"coding": {}, "main": {"default": True}}
    snapshot = read(home, agents={"entries": entries})
    assert snapshot.config.models.providers["lan"].base_url == "http://127.0.0.1:9/v1"
    assert [issue.message for issue in snapshot.warnings] == [
        "provider odd in ~/.openclaw/agents/main/agent/models.json is left out: "
        "it is not one that this gateway can call"
    ]


def test_a_broken_file_is_told(home: Path) -> None:
    keep(home, "{")
    (issue,) = read(home).warnings
    assert issue.message == "~/.openclaw/agents/main/agent/models.json is left out: it is no JSON"
