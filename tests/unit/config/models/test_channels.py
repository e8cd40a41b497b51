"""Messaging platforms. Source: channels §2.3 to §2.6."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from clawfleet.config.models.channels import Channels, GroupRules, Telegram


def test_strangers_are_paired_and_groups_are_closed_by_default() -> None:
    """Nobody reaches the model unasked."""
    telegram = Telegram()
    assert (telegram.dm_policy, telegram.group_policy, telegram.allow_from) == ("pairing", "allowlist", ())
    assert GroupRules().require_mention


def test_a_channel_is_absent_until_written() -> None:
    """An empty block is a channel that is on."""
    assert Channels().telegram is None
    assert Channels.model_validate({"telegram": {}}).telegram == Telegram()


def test_ids_may_be_numbers() -> None:
    """As Telegram shows them."""
    assert Telegram.model_validate({"allowFrom": [42, "*"], "groupAllowFrom": [7]}).allow_from == ("42", "*")


@pytest.mark.parametrize(
    "row", [{"dmPolicy": "everyone"}, {"textChunkLimit": 5000}, {"allowFrom": "*"}, {"botTokn": "x"}]
)
def test_refused(row: dict[str, Any]) -> None:
    """A policy misspelt must not become another one."""
    with pytest.raises(ValidationError):
        Telegram.model_validate(row)
