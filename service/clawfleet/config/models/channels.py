"""`channels`: messaging platforms and who may talk on them. Source: channels §2.3 to §2.6 and §3."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from clawfleet.config.models.base import Flag, Id, Section, Text, Whole
from clawfleet.config.models.tool_rules import ToolLists

DmPolicy = Literal["pairing", "allowlist", "open", "disabled"]
GroupPolicy = Literal["allowlist", "open", "disabled"]


class GroupRules(Section):
    """One group, or `*` for all."""

    enabled: Flag = Field(True, description="Listen to this group.")
    require_mention: Flag = Field(True, description="Answer only when mentioned.")
    allow_from: tuple[Id, ...] | None = Field(None, description="Senders heard here instead of groupAllowFrom.")
    tools: ToolLists | None = Field(None, description="Narrows the tools of whoever asks here.")
    tools_by_sender: dict[str, ToolLists] = Field(
        {}, description="Rules for single senders instead of `tools`; keys as in tools.toolsBySender."
    )


class Telegram(Section):
    """A Telegram bot."""

    enabled: Flag = Field(True, description="Connect this channel.")
    bot_token: SecretStr | None = Field(None, description="Token from @BotFather. Unset: TELEGRAM_BOT_TOKEN.")
    token_file: Text | None = Field(None, description="File that holds the token; wins over botToken.")
    api_root: Text | None = Field(None, description="Root of the Bot API. Unset: https://api.telegram.org.")
    dm_policy: DmPolicy = Field("pairing", description="Who may write to the bot.")
    allow_from: tuple[Id, ...] = Field((), description="Sender ids that may write; `*` is everyone (policy open).")
    group_policy: GroupPolicy = Field(
        "allowlist", description="Which groups are heard. Unset: channels.defaults.groupPolicy."
    )
    group_allow_from: tuple[Id, ...] = Field((), description="Senders heard in groups. Empty: allowFrom.")
    groups: dict[str, GroupRules] | None = Field(
        None, description="Rules by chat id; when set, only these groups (or `*`)."
    )
    text_chunk_limit: Annotated[Whole, Field(ge=1, le=4096)] = Field(4000, description="Longest text of one message.")


class Channels(Section):
    """Messaging platforms by name."""

    telegram: Telegram | None = Field(None, description="A Telegram bot.")
