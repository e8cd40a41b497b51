"""`/queue` claims nothing that is not built."""

from tests.unit.agents.commands.typed import typed
from tests.unit.agents.fakes import House


async def test_messages_wait_and_other_modes_are_not_here(house: House) -> None:
    assert (await typed(house, "/queue")).startswith("Current queue settings: mode=followup, cap=")
    assert "not built" in await typed(house, "/queue collect")
    assert await typed(house, "/queue fast") == (
        'Unrecognized queue mode "fast". Valid modes: steer, followup, collect, interrupt.'
    )
