"""A click group whose commands are imported only when they run, and which knows commands it deliberately lacks.

Importing every command family to answer `--version` would cost a second; a table of module paths costs nothing.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click

from clawfleet.cli.examples import give_example
from clawfleet.core.errors import RequestError


@dataclass(frozen=True, slots=True)
class Lazy:
    """Where a command lives: `module` has the click command in its attribute `command`; `help` is its one line."""

    module: str
    help: str


class UnknownCommand(RequestError):
    """Nothing of that name exists, here or in OpenClaw."""

    code = "UNKNOWN_COMMAND"


class NotSupported(RequestError):
    """OpenClaw has this command; this gateway does not."""

    code = "NOT_SUPPORTED"


class Family(click.Group):
    """Commands by table. `default` names the one that runs when none is typed (`gateway` is `gateway run`)."""

    def __init__(
        self,
        *args: Any,
        table: Mapping[str, Lazy],
        unsupported: frozenset[str] = frozenset(),
        default: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.table = table
        self.unsupported = unsupported
        self.default = default

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now; None when the table does not have it."""
        entry = self.table.get(cmd_name)
        if entry is None:
            return None
        command = import_module(entry.module).command
        if not isinstance(command, click.Command):
            raise TypeError(f"{entry.module}.command is not a click command")
        give_example(f"{ctx.command_path} {cmd_name}".partition(" ")[2], command)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default command in front when the line starts with one of its flags, or is empty."""
        asks_help = bool(args) and args[0] in ctx.help_option_names
        if self.default is not None and not asks_help and (not args or args[0].startswith("-")):
            args = [self.default, *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that `args` name. Raises NotSupported or UnknownCommand with the nearest names."""
        name = args[0]
        command = self.get_command(ctx, name)
        if command is not None:
            return name, command, args[1:]
        line = f"{ctx.command_path} {name}"
        if name in self.unsupported:
            raise NotSupported(f"{line}: not supported by this gateway", hint=f"see `{ctx.command_path} --help`")
        near = difflib.get_close_matches(name, [*self.table, *self.unsupported], n=1)
        hint = f"did you mean `{ctx.command_path} {near[0]}`?" if near else f"see `{ctx.command_path} --help`"
        raise UnknownCommand(f"unknown command: {line}", hint=hint)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, importing none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in self.table.items()])
