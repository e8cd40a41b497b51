"""Where the token comes from, and what is said when there is none."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from clawfleet.channels.base import Account
from clawfleet.channels.telegram.settings import TelegramSettings, read_accounts
from clawfleet.config.env import resolve_instance
from clawfleet.config.models.channels import Telegram

ENV = {"TELEGRAM_BOT_TOKEN": "3:env"}


def read(home: Path, section: Mapping[str, object], environ: Mapping[str, str] | None = None) -> Account:
    instance = resolve_instance(environ={"HOME": str(home)}, cwd=home)
    (account,) = read_accounts(Telegram.model_validate(section), instance, environ or {})
    return account


def token(account: Account) -> str:
    assert isinstance(account.settings, TelegramSettings)
    return account.settings.token


def test_a_token_file_wins_over_the_config_and_that_over_the_environment(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("1:file\n", encoding="utf-8")
    by_file = read(tmp_path, {"tokenFile": "~/token", "botToken": "2:config"}, ENV)
    by_config = read(tmp_path, {"botToken": "2:config"}, ENV)
    by_env = read(tmp_path, {}, ENV)
    assert [token(account) for account in (by_file, by_config, by_env)] == ["1:file", "2:config", "3:env"]
    assert [account.token_source for account in (by_file, by_config, by_env)] == ["tokenFile", "config", "env"]


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        ({}, "no token: set channels.telegram.botToken or TELEGRAM_BOT_TOKEN"),
        ({"tokenFile": "~/missing"}, "cannot read"),
        ({"tokenFile": "~/empty"}, "is empty"),
        ({"botToken": ""}, "channels.telegram.botToken is empty"),
        ({"botToken": "${MY_TOKEN}"}, "${MY_TOKEN} is not set"),
    ],
)
def test_without_a_token_the_account_says_what_is_missing(
    tmp_path: Path, section: Mapping[str, object], problem: str
) -> None:
    (tmp_path / "empty").touch()
    account = read(tmp_path, section)
    assert not account.configured and account.token_source == "none"
    assert account.problem is not None and problem in account.problem


def test_the_api_root_and_the_text_limit_are_the_operators(tmp_path: Path) -> None:
    account = read(tmp_path, {"botToken": "1:x", "apiRoot": "http://127.0.0.1:9/", "textChunkLimit": 500})
    assert account.settings == TelegramSettings("1:x", "http://127.0.0.1:9", 500)
    assert read(tmp_path, {"botToken": "1:x"}).settings == TelegramSettings("1:x", "https://api.telegram.org", 4000)


def test_the_token_is_in_no_repr(tmp_path: Path) -> None:
    account = read(tmp_path, {"botToken": "1:secret", "enabled": False})
    assert "secret" not in repr(account) + repr(account.settings)
    assert not account.enabled
