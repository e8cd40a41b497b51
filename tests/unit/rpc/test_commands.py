"""Clients are offered the commands that there are."""

from clawfleet.agents.commands.table import COMMANDS
from tests.unit.rpc.house import House


async def test_every_command_is_offered_with_its_arguments(house: House) -> None:
    rows = {row["name"]: row for row in (await house.call("commands.list"))["commands"]}
    assert set(rows) == {command.name for command in COMMANDS}
    assert rows["think"]["textAliases"] == ["/think", "/thinking", "/t"]
    assert (rows["model"]["acceptsArgs"], rows["model"]["args"][0]["name"]) == (True, "model")
    assert "args" not in (await house.call("commands.list", includeArgs=False))["commands"][1]
