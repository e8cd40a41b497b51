"""A command is a value that the table holds."""

from clawfleet.agents.commands.base import Argument, Command


def test_commands_are_values() -> None:
    assert Command("x", "X.", "status", None) == Command("x", "X.", "status", None)
    assert Argument("a", "b").choices == ()
