"""`/think` chooses what the model can do."""

from clawfleet.sessions.sessions import Sessions
from tests.unit.agents.commands.typed import session, typed
from tests.unit.agents.fakes import House


async def test_a_level_is_chosen_as_far_as_the_model_has_it(sessions: Sessions, house: House) -> None:
    refused = await typed(house, "/think high")
    assert refused == 'Thinking level "high" is not supported for fake/one. Use one of: off.'
    assert await typed(house, "/think off") == "Thinking disabled."
    assert (await session(sessions)).choices.thinking == "off"
    assert (await typed(house, "/t")).startswith("Current thinking level: off.")
    assert await typed(house, "/think default") == "Thinking level reset to default (off)."
