"""Transcripts grow at their end and are read from there."""

from clawfleet.core.messages import Message
from clawfleet.sessions.entries import beginning
from clawfleet.sessions.model import Note
from clawfleet.sessions.sessions import Sessions
from tests.unit.sessions.filled import KEY, ask, turn


async def read(store: Sessions, *, max_chars: int = 10_000) -> list[str]:
    page = await store.history(KEY, limit=1)
    assert page.session is not None
    entries = await store.transcript(page.session.session_id, max_chars=max_chars)
    return [entry.message.text for entry in entries]


async def test_models_read_nothing_from_before_a_compaction_but_what_it_left(store: Sessions) -> None:
    for name in ("a", "b"):
        await turn(store, name)
    session = (await store.history(KEY, limit=1)).session
    assert session is not None
    await store.compacted(session.session_id, "so far", Note(kind="compaction", first_kept=3))
    await turn(store, "c")
    assert await read(store) == ["text of b", "answer to b", "so far", "text of c", "answer to c"]
    assert (await store.history(KEY, limit=50)).total == 7, "people still see everything"
    await store.compacted(session.session_id, "all of it", Note(kind="compaction", first_kept=8))
    assert await read(store) == ["all of it"]
    assert await read(store, max_chars=1) == ["all of it"]


async def test_what_came_behind_a_number_is_told_unless_the_session_began_anew(store: Sessions) -> None:
    kept = await ask(store, "a")
    await ask(store, "b")
    page = await store.since(KEY, kept.session.session_id, 1, limit=5)
    assert page is not None
    assert [entry.seq for entry in page.entries] == [2]
    assert await store.since(KEY, kept.session.session_id, 0, limit=1) is None
    await store.renew(KEY)
    assert await store.since(KEY, kept.session.session_id, 1, limit=5) is None


async def test_a_note_stands_beside_what_it_speaks_of(store: Sessions) -> None:
    kept = await ask(store, "a")
    messages = [Message("assistant", "x"), Message("tool", "y", tool_call_id="c")]
    said, result = await store.append(kept.session.session_id, "a", messages, Note("fake", "one"))
    assert (said.note, result.note) == (Note("fake", "one"), None)
    assert (await store.entry(said.entry_id)) == said
    assert (await ask(store, "c", is_command=True)).entry.kind == "command"


def test_a_beginning_is_one_line() -> None:
    assert beginning("a\n b", 5) == "a b"
    assert beginning("abcdef", 3) == "abc…"
    assert beginning(" \n", 3) is None
