"""`/models` lists providers, and the models of one."""

from clawfleet.sessions.sessions import Sessions
from tests.unit.agents.commands.typed import typed, with_models
from tests.unit.agents.fakes import House


async def test_providers_are_counted_and_one_is_listed(sessions: Sessions, house: House) -> None:
    with_models(house)
    assert (await typed(house, "/models")).startswith("Providers:\n- lan (2)\n")
    assert "Models of lan:\n- lan/one (default)\n- lan/two (alias:deux)\n" in await typed(house, "/models LAN")
    assert await typed(house, "/models nosuch") == 'Unknown provider "nosuch". Use /models to list providers.'
