"""`/new` begins anew, at once or with a first message."""

from clawfleet.sessions.sessions import Sessions
from tests.unit.agents.commands.typed import KEY, session, typed
from tests.unit.agents.fakes import House


async def test_a_new_session_has_another_id_and_nothing_from_before(sessions: Sessions, house: House) -> None:
    await typed(house, "hello")
    before = await session(sessions)
    assert await typed(house, "/new") == "✅ New session started."
    assert (await session(sessions)).session_id != before.session_id
    page = await sessions.history(KEY, limit=10)
    assert [entry.message.text for entry in page.entries] == ["Reset", "/new", "✅ New session started."]
    assert await typed(house, "/reset") == "✅ Session reset."


async def test_what_follows_the_name_is_the_first_message(sessions: Sessions, house: House) -> None:
    await typed(house, "hello")
    assert await typed(house, "/new and now?") == "answer"
    assert [message.text for message in house.models.seen[1][1:]] == ["and now?"]
