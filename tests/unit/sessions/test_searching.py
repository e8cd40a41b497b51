"""Words are found where they were said."""

from clawfleet.sessions.sessions import Sessions
from tests.unit.sessions.filled import KEY, turn


async def test_words_are_found_in_any_case_and_where_asked(store: Sessions) -> None:
    await turn(store, "apple")
    await turn(store, "pear", key="agent:main:other")
    hits = await store.search("TEXT OF", agent_id=None, keys=None, limit=10)
    assert {hit.session_key for hit in hits} == {KEY, "agent:main:other"}
    (hit,) = await store.search("text of", agent_id="main", keys=(KEY,), limit=10)
    assert (hit.snippet, hit.entry.message.role) == ("text of apple", "user")
    assert await store.search("text of", agent_id="ops", keys=None, limit=10) == ()
    assert await store.search("%", agent_id=None, keys=None, limit=10) == ()


async def test_deleted_sessions_are_not_searched(store: Sessions) -> None:
    await turn(store, "apple")
    await store.remove(KEY)
    assert await store.search("apple", agent_id=None, keys=None, limit=10) == ()
