"""The table of channels: light until one is configured and connected."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from clawfleet.channels import registry
from clawfleet.channels.base import Account
from clawfleet.channels.failures import LibraryMissing, NoSuchAccount
from clawfleet.channels.registry import CHANNELS, accounts_of, open_channel
from clawfleet.config.env import Instance, resolve_instance
from clawfleet.config.load import Snapshot
from clawfleet.config.models.root import Config
from tests.unit.channels.fake_channel import account


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return resolve_instance(environ={"HOME": str(tmp_path)}, cwd=tmp_path)


def snapshot(channels: Mapping[str, object], environ: Mapping[str, str] | None = None) -> Snapshot:
    config = Config.model_validate({"channels": channels})
    return Snapshot(Path("openclaw.json"), True, "", {}, config, environ=environ or {})


def test_without_a_section_there_are_no_accounts(instance: Instance) -> None:
    assert accounts_of(instance, snapshot({}, {"TELEGRAM_BOT_TOKEN": "1:x"})) == ()


def test_a_section_gives_its_account_with_the_token_of_the_environment(instance: Instance) -> None:
    (found,) = accounts_of(instance, snapshot({"telegram": {}}, {"TELEGRAM_BOT_TOKEN": "1:x"}))
    assert (found.channel, found.account, found.configured, found.token_source) == ("telegram", "default", True, "env")


async def test_every_row_of_the_table_leads_to_code(instance: Instance) -> None:
    for name in CHANNELS:
        (found,) = accounts_of(instance, snapshot({name: {"botToken": "1:x"}}))
        channel = open_channel(found)
        assert (channel.id, channel.account) == (name, found.account)
        await channel.close()


def test_an_account_without_settings_cannot_be_opened() -> None:
    with pytest.raises(NoSuchAccount):
        open_channel(account(configured=False))


def test_a_missing_library_is_told_with_the_command_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> object:
        raise ModuleNotFoundError("No module named 'telegram'", name="telegram")

    monkeypatch.setattr(registry, "import_module", missing)
    with pytest.raises(LibraryMissing) as caught:
        open_channel(Account("telegram", "default", True, "polling", "config", settings="x"))
    assert caught.value.hint is not None and "clawfleet[telegram]" in caught.value.hint


def test_a_gateway_without_channels_loads_no_channel_library() -> None:
    code = "import sys, clawfleet.channels.supervisor, clawfleet.channels.inbound; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"telegram", "httpx", "markdown_it"}.isdisjoint(loaded)
