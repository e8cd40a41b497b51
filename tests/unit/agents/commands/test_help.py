"""`/help` lists every command."""

from clawfleet.agents.commands.table import COMMANDS
from tests.unit.agents.commands.typed import typed
from tests.unit.agents.fakes import House


async def test_every_command_is_listed(house: House) -> None:
    text = await typed(house, "/help")
    assert all(f"/{command.name}" in text for command in COMMANDS)
    assert await typed(house, "/commands") == text
