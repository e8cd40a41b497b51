"""`commands.list`: which slash commands a message may be. Source: protocol §12, tools-and-sessions §11."""

from __future__ import annotations

from typing import Literal

from clawfleet.agents.commands.base import Argument, Command
from clawfleet.agents.commands.table import COMMANDS
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method


class Choice(Result):
    """One thing that an argument may be."""

    value: str
    label: str


class ArgumentRow(Result):
    """One argument of a command."""

    name: str
    description: str
    type: Literal["string"] = "string"
    choices: list[Choice] | None = None

    @classmethod
    def of(cls, argument: Argument) -> ArgumentRow:
        """`argument` as clients offer it."""
        choices = [Choice(value=value, label=value) for value in argument.choices]
        return cls(name=argument.name, description=argument.description, choices=choices or None)


class CommandRow(Result):
    """One command."""

    name: str
    native_name: str
    text_aliases: list[str]
    description: str
    category: str
    source: Literal["native"] = "native"
    scope: Literal["both"] = "both"
    accepts_args: bool
    args: list[ArgumentRow] | None = None

    @classmethod
    def of(cls, command: Command, *, with_args: bool) -> CommandRow:
        """`command` as clients list it."""
        arguments = [ArgumentRow.of(argument) for argument in command.arguments] if with_args else []
        return cls(
            name=command.name,
            native_name=command.name,
            text_aliases=[f"/{name}" for name in (command.name, *command.aliases)],
            description=command.description,
            category=command.category,
            accepts_args=bool(command.arguments),
            args=arguments or None,
        )


class CommandsListParams(Params):
    """For which agent or session; all know the same commands."""

    session_key: str | None = None
    agent_id: str | None = None
    include_args: bool = True


class CommandsList(Result):
    """The answer of `commands.list`."""

    commands: list[CommandRow]


@method("commands.list", scope="operator.read")
async def list_commands(call: Call, params: CommandsListParams) -> CommandsList:
    """The slash commands that `chat.send`, `agent` and channels know."""
    return CommandsList(commands=[CommandRow.of(command, with_args=params.include_args) for command in COMMANDS])
