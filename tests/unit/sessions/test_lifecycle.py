"""Sessions are made, changed, begun anew and deleted; what was said stays a while."""

import pytest

from clawfleet.core.clock import now_ms
from clawfleet.sessions.lifecycle import LabelTaken, NewSession, Patch
from clawfleet.sessions.model import Choices
from clawfleet.sessions.sessions import Sessions
from tests.unit.sessions.filled import KEY, turn


async def test_a_session_is_made_once(store: Sessions) -> None:
    new = NewSession("agent:main:x", "main", parent_key=KEY, choices=Choices(label="X", model="fake/one"))
    first, made = await store.create(new)
    again, made_again = await store.create(new)
    assert (made, made_again, again.session_id) == (True, False, first.session_id)
    assert (first.parent_key, first.created_via, first.choices) == (KEY, "operator", new.choices)


async def test_a_patch_changes_what_it_names_and_nothing_else(store: Sessions) -> None:
    await store.create(NewSession(KEY, "main", choices=Choices(label="old", model="fake/one")))
    session = await store.patch(KEY, Patch({"label": "new"}, archived=True, pinned=True, unread=True))
    assert session.choices == Choices(label="new", model="fake/one")
    assert session.archived_at_ms
    assert session.pinned_at_ms
    assert session.unread
    session = await store.patch(KEY, Patch({"label": None}, archived=False))
    assert (session.choices.label, session.archived_at_ms, session.pinned_at_ms is None) == (None, None, False)


async def test_two_sessions_never_have_one_name(store: Sessions) -> None:
    await store.create(NewSession("agent:main:a", "main", choices=Choices(label="A")))
    with pytest.raises(LabelTaken):
        await store.create(NewSession("agent:main:b", "main", choices=Choices(label="A")))
    assert await store.find("agent:main:b") is None, "a refused session is not made"


async def test_a_renewed_session_keeps_its_choices_and_loses_its_words(store: Sessions) -> None:
    await turn(store, "a")
    before = await store.patch(KEY, Patch({"model": "fake/two"}))
    after = await store.renew(KEY)
    page = await store.history(KEY, limit=10)
    assert after.session_id != before.session_id
    assert (after.choices.model, after.input_tokens, after.title) == ("fake/two", 0, None)
    assert [(entry.message.role, entry.kind) for entry in page.entries] == [("system", "reset")]
    assert len(await store.transcript(before.session_id, max_chars=1000)) == 2


async def test_a_deleted_session_is_gone_from_lists_and_its_transcript_is_pruned_later(store: Sessions) -> None:
    await turn(store, "a")
    session, kept = await store.remove(KEY)
    assert session is not None
    assert kept
    assert (await store.recent(agent_id=None, limit=5)) == ((), 0)
    assert len(await store.transcript(session.session_id, max_chars=1000)) == 2
    assert await store.prune(0, now_ms() + 1) == 1
    assert await store.transcript(session.session_id, max_chars=1000) == ()


async def test_an_empty_session_leaves_nothing(store: Sessions) -> None:
    await store.create(NewSession(KEY, "main"))
    assert (await store.remove(KEY))[1] is False
    assert await store.remove(KEY) == (None, False)
