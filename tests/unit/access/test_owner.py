"""The first person who is let in becomes the command owner, and nobody after them."""

import json
from pathlib import Path

import pytest

from clawfleet.access.owner import claim_ownership
from clawfleet.config.env import Instance, resolve_instance


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return resolve_instance(environ={"HOME": str(tmp_path)}, cwd=tmp_path)


def write(instance: Instance, text: str) -> None:
    instance.config_path.parent.mkdir(parents=True)
    instance.config_path.write_text(text, encoding="utf-8")


def test_the_first_one_is_written_and_every_comment_stays(instance: Instance) -> None:
    write(instance, '{\n  // my bot\n  channels: { telegram: { botToken: "1:x" } },\n}\n')
    assert claim_ownership(instance, "telegram", "42") == "configured"
    text = instance.config_path.read_text(encoding="utf-8")
    assert "// my bot" in text and '"telegram:42"' in text and "ownerAllowFrom" in text


def test_a_second_one_changes_nothing(instance: Instance) -> None:
    text = '{"commands": {"ownerAllowFrom": ["telegram:42"]}}'
    write(instance, text)
    assert claim_ownership(instance, "telegram", "43") == "already-configured"
    assert instance.config_path.read_text(encoding="utf-8") == text


def test_an_included_file_that_holds_the_commands_is_the_one_that_changes(instance: Instance) -> None:
    text = "{ commands: { $include: './commands.json5' } }"
    write(instance, text)
    included = instance.config_path.with_name("commands.json5")
    included.write_text("{ } // of everybody", encoding="utf-8")
    assert claim_ownership(instance, "telegram", "42") == "configured"
    assert instance.config_path.read_text(encoding="utf-8") == text
    assert '"telegram:42"' in included.read_text(encoding="utf-8")
    assert claim_ownership(instance, "telegram", "43") == "already-configured"


def test_without_a_config_file_one_is_made_that_starts_a_gateway(instance: Instance) -> None:
    assert claim_ownership(instance, "telegram", "42") == "configured"
    written = json.loads(instance.config_path.read_text(encoding="utf-8"))
    assert written["commands"] == {"ownerAllowFrom": ["telegram:42"]}
    assert written["gateway"]["mode"] == "local"


@pytest.mark.parametrize("text", ["{ broken", '{"gateway": {"port": "x"}}'])
def test_a_broken_config_is_left_alone(instance: Instance, text: str) -> None:
    write(instance, text)
    assert claim_ownership(instance, "telegram", "42") == "unavailable"
    assert instance.config_path.read_text(encoding="utf-8") == text


def test_a_read_only_config_is_left_alone(tmp_path: Path) -> None:
    instance = resolve_instance(environ={"HOME": str(tmp_path), "OPENCLAW_CONFIG_READONLY": "1"}, cwd=tmp_path)
    assert claim_ownership(instance, "telegram", "42") == "unavailable"
    assert not instance.config_path.exists()
