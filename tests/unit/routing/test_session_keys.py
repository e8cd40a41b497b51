"""Session keys: the published spelling for every kind of conversation."""

import pytest

from clawfleet.config.models.session import DmScope
from clawfleet.routing.session_keys import Origin, session_key

DM = Origin("telegram", "Ops", "direct", "42")


@pytest.mark.parametrize(
    ("scope", "key"),
    [
        ("main", "agent:chat:main"),
        ("per-peer", "agent:chat:direct:42"),
        ("per-channel-peer", "agent:chat:telegram:direct:42"),
        ("per-account-channel-peer", "agent:chat:telegram:ops:direct:42"),
    ],
)
def test_a_direct_chat_follows_the_dm_scope(scope: DmScope, key: str) -> None:
    assert session_key("chat", DM, scope) == key


@pytest.mark.parametrize(
    ("origin", "key"),
    [
        (Origin("telegram", "default", "group", "-1001234"), "agent:main:telegram:group:-1001234"),
        (Origin("telegram", "default", "group", "-1009", "7"), "agent:main:telegram:group:-1009:topic:7"),
        (Origin("slack", "default", "channel", "C1"), "agent:main:slack:channel:c1"),
        (Origin("irc", "default", "group", "#OpenClaw"), "agent:main:irc:group:#openclaw"),
    ],
)
def test_a_group_has_a_session_of_its_own_with_ids_in_lower_case(origin: Origin, key: str) -> None:
    assert session_key("main", origin, "per-peer") == key
