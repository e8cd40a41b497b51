"""`/help` and `/commands`: which commands there are."""

from __future__ import annotations

from collections.abc import Sequence

from clawfleet.agents.commands.base import Command, Typed

CATEGORIES = {
    "session": "Session",
    "options": "Options",
    "status": "Status",
    "management": "Management",
    "media": "Media",
    "tools": "Tools",
}


def help_for(commands: Sequence[Command]) -> tuple[Command, Command]:
    """The commands that list `commands` and themselves: by name, and by what they are for."""

    async def by_name(typed: Typed) -> str:
        return "\n".join(["ℹ️ Help", *sorted(map(_line, everything))])

    async def by_kind(typed: Typed) -> str:
        lines = ["ℹ️ Slash commands"]
        for category, title in CATEGORIES.items():
            if rows := sorted(_line(command) for command in everything if command.category == category):
                lines += ["", title, *rows]
        return "\n".join(lines)

    own = (
        Command("help", "Show available commands.", "status", by_name),
        Command("commands", "List all slash commands.", "status", by_kind),
    )
    everything = (*commands, *own)
    return own


def _line(command: Command) -> str:
    also = f" ({', '.join(f'/{name}' for name in command.aliases)})" if command.aliases else ""
    arguments = "".join(f" [{argument.name}]" for argument in command.arguments)
    return f"/{command.name}{arguments} - {command.description}{also}"
