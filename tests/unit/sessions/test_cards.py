"""Progress cards."""

from __future__ import annotations

import pytest

from clawfleet.sessions.cards import CardChanged, Step
from clawfleet.sessions.lifecycle import NewSession
from clawfleet.sessions.sessions import Sessions

KEY = "agent:main:main"
STEPS = (Step("look", "completed"), Step("mend", "pending"))


async def test_each_writing_replaces_the_whole(store: Sessions) -> None:
    """And is told, with its number."""
    told: list[tuple[str, int | None]] = []
    store.cards.changes.listen(told.append)
    first = await store.cards.put(KEY, "note", STEPS)
    assert first is not None
    assert (first.revision, first.steps) == (1, STEPS)
    second = await store.cards.put(KEY, "other note", ())
    assert second is not None
    assert (second.revision, second.markdown, second.steps) == (2, "other note", ())
    assert await store.cards.get(KEY) == second
    assert await store.cards.put(KEY, "  ", ()) is None
    assert told == [(KEY, 1), (KEY, 2), (KEY, None)]


async def test_who_comes_second_is_told(store: Sessions) -> None:
    with pytest.raises(CardChanged):
        await store.cards.put(KEY, "note", (), expected=1)
    await store.cards.put(KEY, "note", ())
    with pytest.raises(CardChanged):
        await store.cards.put(KEY, "note", (), expected=2)


async def test_a_session_that_begins_anew_has_none(store: Sessions) -> None:
    await store.create(NewSession(KEY, "main"))
    await store.cards.put(KEY, "note", ())
    await store.renew(KEY)
    assert await store.cards.get(KEY) is None
