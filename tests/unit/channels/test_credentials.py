"""Credentials of a channel leave the config, and nothing else does."""

from pathlib import Path

import pytest

from clawfleet.channels.credentials import forget_credentials
from clawfleet.config.env import Instance, resolve_instance
from clawfleet.core.errors import ConfigError

TEXT = """{
  gateway: { mode: "local" },
  channels: {
    // the team's bot
    telegram: { botToken: "1:secret", tokenFile: "bot.token", dmPolicy: "disabled" },
  },
}
"""


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    made = resolve_instance(environ={"HOME": str(tmp_path)}, cwd=tmp_path)
    made.config_path.parent.mkdir(parents=True)
    made.config_path.write_text(TEXT, encoding="utf-8")
    return made


def test_every_credential_goes_and_the_rest_stays_as_it_was_written(instance: Instance) -> None:
    assert forget_credentials(instance, "telegram") is True
    left = instance.config_path.read_text(encoding="utf-8")
    assert ("secret" in left, "tokenFile" in left) == (False, False)
    assert "// the team's bot" in left
    assert 'dmPolicy: "disabled"' in left


def test_a_second_time_there_is_nothing_to_do(instance: Instance) -> None:
    forget_credentials(instance, "telegram")
    left = instance.config_path.read_text(encoding="utf-8")
    assert forget_credentials(instance, "telegram") is False
    assert instance.config_path.read_text(encoding="utf-8") == left


def test_without_a_config_there_is_nothing_to_do(instance: Instance) -> None:
    instance.config_path.unlink()
    assert forget_credentials(instance, "telegram") is False
    assert not instance.config_path.exists()


def test_what_could_not_run_is_not_written(instance: Instance) -> None:
    def refuse(snapshot: object) -> None:
        raise ConfigError("no")

    with pytest.raises(ConfigError):
        forget_credentials(instance, "telegram", refuse)
    assert instance.config_path.read_text(encoding="utf-8") == TEXT


def test_an_included_file_loses_them_too(instance: Instance) -> None:
    included = instance.config_path.with_name("telegram.json5")
    included.write_text('{ botToken: "1:secret", dmPolicy: "disabled" }', encoding="utf-8")
    instance.config_path.write_text("{ channels: { telegram: { $include: './telegram.json5' } } }", encoding="utf-8")
    assert forget_credentials(instance, "telegram") is True
    assert "secret" not in included.read_text(encoding="utf-8")
