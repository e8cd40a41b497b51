"""`/help` and `/commands` list every command."""

from clawfleet.agents.commands.table import COMMANDS
from tests.unit.agents.commands.typed import typed
from tests.unit.agents.fakes import House


async def test_every_command_is_listed(house: House) -> None:
    by_name, by_kind = await typed(house, "/help"), await typed(house, "/commands")
    for command in COMMANDS:
        assert f"/{command.name}" in by_name and f"/{command.name}" in by_kind
    assert by_name.startswith("ℹ️ Help\n") and "\nSession\n" in by_kind


async def test_other_names_of_a_command_are_told(house: House) -> None:
    assert "(/thinking, /t)" in await typed(house, "/help")
