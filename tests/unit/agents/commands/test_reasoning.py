"""`/reasoning`: kept for the session."""

from clawfleet.sessions.sessions import Sessions
from tests.unit.agents.commands.typed import session, typed
from tests.unit.agents.fakes import House


async def test_levels_are_kept_for_the_session(house: House, sessions: Sessions) -> None:
    assert await typed(house, "/reasoning") == "Current reasoning level: off.\nOptions: on, off, stream."
    assert (await typed(house, "/reasoning on")).startswith("⚙️ Reasoning visibility enabled")
    assert (await typed(house, "/reason stream")).startswith("⚙️ Reasoning stream enabled")
    assert (await session(sessions)).choices.reasoning == "stream"
    assert (await typed(house, "/reasoning high")).startswith('Unrecognized reasoning level "high".')
    assert await typed(house, "/reasoning off") == "⚙️ Reasoning visibility disabled."
    assert (await session(sessions)).choices.reasoning == "off"
