"""What a session's key says of it."""

from __future__ import annotations

import pytest

from clawfleet.core.requester import Requester
from clawfleet.tools.subject import Occasion, Subject


@pytest.mark.parametrize(
    ("key", "occasion", "depth"),
    [
        ("agent:main:main", Occasion(), 0),
        ("agent:main:subagent:1", Occasion(), 1),
        ("agent:main:subagent:1:subagent:2", Occasion(), 2),
        ("agent:main:subagent:1", Occasion(depth=3), 3),
    ],
)
def test_how_deep_a_subagent_is(key: str, occasion: Occasion, depth: int) -> None:
    """As recorded, else as the key counts it."""
    assert Subject("main", key, occasion).depth == depth


def test_a_group_is_known_by_the_key_before_the_sender() -> None:
    asked = Occasion(requester=Requester("telegram", chat_type="group", chat_id="-2"))
    assert Subject("main", "agent:main:telegram:group:-1", asked).chat == ("telegram", "-1")
    assert Subject("main", "agent:main:main", asked).chat == ("telegram", "-2")
    direct = Occasion(requester=Requester("telegram", chat_type="direct", chat_id="7"))
    assert Subject("main", "agent:main:main", direct).chat is None
