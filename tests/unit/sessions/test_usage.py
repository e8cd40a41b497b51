"""Every model call is counted once, with who answered and when."""

import pytest

from clawfleet.core.clock import now_ms
from clawfleet.core.messages import Usage
from clawfleet.sessions import entries, inputs, lifecycle
from clawfleet.sessions.sessions import Sessions
from tests.unit.sessions.filled import KEY, turn


async def test_what_happened_in_one_millisecond_stays_in_its_order(
    store: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (entries, inputs, lifecycle):
        monkeypatch.setattr(module, "now_ms", lambda: 1_000)
    await turn(store, "a", usage=Usage(10, 5))
    await store.renew(KEY)
    await turn(store, "b", usage=Usage(1, 2, 3, 4))
    rows = await store.usage(since_ms=0, until_ms=2_000)
    assert [row.role for row in rows] == ["user", "assistant", "system", "user", "assistant"]


async def test_calls_are_counted_also_after_a_session_began_anew(store: Sessions) -> None:
    await turn(store, "a", usage=Usage(10, 5))
    await store.renew(KEY)
    await turn(store, "b", usage=Usage(1, 2, 3, 4))
    rows = await store.usage(since_ms=0, until_ms=now_ms() + 1)
    counted = [(row.provider, row.model, row.usage, row.session_key) for row in rows if row.usage]
    assert counted == [("fake", "one", Usage(10, 5), KEY), ("fake", "one", Usage(1, 2, 3, 4), KEY)]
    assert [row.role for row in rows] == ["user", "assistant", "system", "user", "assistant"]
    assert await store.usage(since_ms=0, until_ms=1) == ()
    assert await store.usage(since_ms=0, until_ms=now_ms() + 1, agent_id="ops") == ()
    assert len(await store.usage(since_ms=0, until_ms=now_ms() + 1, key=KEY)) == 3
