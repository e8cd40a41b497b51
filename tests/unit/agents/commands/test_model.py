"""`/model` chooses for one session."""

from clawfleet.sessions.sessions import Sessions
from tests.unit.agents.commands.typed import session, typed
from tests.unit.agents.fakes import House


async def test_a_model_is_chosen_shown_and_taken_back(sessions: Sessions, house: House) -> None:
    text = await typed(house, "/model fake/one")
    assert text == "Model set to fake/one for this session only; configured default unchanged."
    assert (await session(sessions)).choices.model == "fake/one"
    assert "Current: fake/one" in await typed(house, "/model")
    assert await typed(house, "/model default") == "Session model reset to configured default (fake/one)."
    assert (await session(sessions)).choices.model is None
    assert "fake/one" in await typed(house, "/model list")
    assert await typed(house, "/model nope") == '⚠️ Unknown model "nope"'
