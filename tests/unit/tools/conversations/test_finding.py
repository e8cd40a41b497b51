"""The session that a tool's caller means."""

from __future__ import annotations

import pytest

from clawfleet.config.models.root import Config
from clawfleet.tools.conversations.failures import NoSession, OutOfReach
from clawfleet.tools.conversations.finding import descends, find_session
from clawfleet.tools.conversations.visibility import Reach
from tests.support.desk import FakeDesk

GROUP = "agent:main:telegram:group:-7"


def reach(key: str = GROUP) -> Reach:
    return Reach.of(Config(), "main", key, clamped=False)


async def test_a_session_goes_by_key_short_key_id_and_current(desk: FakeDesk) -> None:
    wide = reach("agent:main:main")
    main = await find_session(desk, wide, "current")
    assert main.key == "agent:main:main"
    for name in ("agent:main:main", "main", " main ", main.session_id):
        assert (await find_session(desk, wide, name)).key == main.key


async def test_what_is_not_there_is_said(desk: FakeDesk) -> None:
    for name in ("nothing", "agent:nobody:main", ""):
        with pytest.raises(NoSession, match="No session found"):
            await find_session(desk, reach(), name)


async def test_spawned_sessions_are_reached_through_generations(desk: FakeDesk) -> None:
    """A grandchild is as near as a child; the mother of all is out of reach for both."""
    assert (await find_session(desk, reach(), "agent:main:subagent:b")).key == "agent:main:subagent:b"
    for out in ("agent:main:main", "agent:coder:main"):
        with pytest.raises(OutOfReach, match="out of reach"):
            await find_session(desk, reach(), out)
    with pytest.raises(OutOfReach):
        await find_session(desk, reach("agent:main:subagent:b"), GROUP)


async def test_nobody_descends_from_itself(desk: FakeDesk) -> None:
    session = await desk.store.find("agent:main:main")
    assert session is not None
    assert not await descends(desk.store, session, "agent:main:main")
