"""`/help`: which commands there are."""

from __future__ import annotations

from collections.abc import Sequence

from clawfleet.agents.commands.base import Command, Typed


def help_for(commands: Sequence[Command]) -> Command:
    """The command that lists `commands` and itself."""

    async def answer(typed: Typed) -> str:
        lines = [f"/{command.name}{_arguments(command)} - {command.description}" for command in (*commands, own)]
        return "\n".join(["ℹ️ Help", *sorted(lines)])

    own = Command("help", "Show available commands.", "status", answer, aliases=("commands",))
    return own


def _arguments(command: Command) -> str:
    return "".join(f" [{argument.name}]" for argument in command.arguments)
