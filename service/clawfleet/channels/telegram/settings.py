"""What the config says about Telegram, ready for the adapter. Imports nothing of the library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from clawfleet.channels.base import Account
from clawfleet.config.env import Instance
from clawfleet.config.models.channels import Telegram
from clawfleet.config.substitute import unresolved

API_ROOT = "https://api.telegram.org"
TOKEN_VARIABLE = "TELEGRAM_BOT_TOKEN"  # noqa: S105 - its name, not its value
DEFAULT_ACCOUNT = "default"


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """One bot. `api_root` has no trailing slash; `text_limit` counts UTF-16 units of a message's HTML."""

    token: str = field(repr=False)
    api_root: str = API_ROOT
    text_limit: int = 4000


def read_accounts(section: Telegram, instance: Instance, environ: Mapping[str, str]) -> tuple[Account, ...]:
    """The accounts of `channels.telegram`. `tokenFile` wins over `botToken`, that over the environment."""
    source, token, problem = _token(section, instance, environ)
    settings = None
    if token:
        settings = TelegramSettings(token, (section.api_root or API_ROOT).rstrip("/"), section.text_chunk_limit)
    return (
        Account(
            channel="telegram",
            account=DEFAULT_ACCOUNT,
            enabled=section.enabled,
            mode="polling",
            token_source=source if token else "none",
            settings=settings,
            problem=problem,
        ),
    )


def _token(section: Telegram, instance: Instance, environ: Mapping[str, str]) -> tuple[str, str, str | None]:
    """(where the token is from, the token or nothing, what is wrong)."""
    if section.token_file:
        path = instance.path(section.token_file)
        try:
            token = path.read_text(encoding="utf-8").strip()
        except OSError as error:
            return "tokenFile", "", f"channels.telegram.tokenFile: cannot read {path}: {error.strerror}"
        return "tokenFile", token, None if token else f"channels.telegram.tokenFile: {path} is empty"
    if section.bot_token is not None:
        if (name := unresolved(section.bot_token)) is not None:
            why = f"the {name} cannot be had" if " " in name else f"${{{name}}} is not set"
            return "config", "", f"channels.telegram.botToken: {why}"
        token = section.bot_token.get_secret_value()
        return "config", token, None if token else "channels.telegram.botToken is empty"
    token = environ.get(TOKEN_VARIABLE, "")
    return "env", token, None if token else f"no token: set channels.telegram.botToken or {TOKEN_VARIABLE}"
