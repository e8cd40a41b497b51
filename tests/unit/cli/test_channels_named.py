"""Which channel is meant."""

from __future__ import annotations

import pytest

from clawfleet.cli.channels_named import NotConfigured, NotHere, account_of, check_account, listing_of, section_of
from clawfleet.cli.context import CliContext
from clawfleet.cli.pairing import UnknownChannel
from tests.unit.cli.conftest import Home


def test_a_channel_is_here_elsewhere_or_nowhere() -> None:
    assert listing_of(" Telegram ")[0] == "telegram"
    with pytest.raises(NotHere, match="discord is not a channel of this gateway"):
        listing_of("discord")
    with pytest.raises(UnknownChannel):
        listing_of("pigeon")


def test_there_is_one_account_a_channel(home: Home) -> None:
    assert check_account(None) == check_account("default") == "default"
    with pytest.raises(NotHere):
        check_account("ops")
    with pytest.raises(NotConfigured):
        account_of(CliContext(environ=home.environ, cwd=home.root), "telegram")
    assert section_of({"channels": {"telegram": {"a": 1}}}, "telegram") == {"a": 1}
