"""A command is a value that the table holds."""

from clawfleet.agents.commands.base import Argument, Command, Typed


async def answer(typed: Typed) -> str:
    return "x"


def test_commands_are_values() -> None:
    assert Command("x", "X.", "status", answer) == Command("x", "X.", "status", answer)
    assert Argument("a", "b").choices == ()
