"""`/usage`: kept for the session, told at the end of answers on channels."""

from clawfleet.sessions.sessions import Sessions
from tests.unit.agents.commands.typed import session, typed
from tests.unit.agents.fakes import House


async def test_levels_are_kept(house: House, sessions: Sessions) -> None:
    assert (await typed(house, "/usage")).startswith("Current usage footer: off.")
    await typed(house, "/usage tokens")
    assert (await session(sessions)).choices.response_usage == "tokens"
    assert "not costs" in await typed(house, "/usage cost")
    assert (await typed(house, "/usage lots")).startswith("Unrecognized usage footer")
    await typed(house, "/usage off")
    assert (await session(sessions)).choices.response_usage is None
