"""Every command's help has something to copy, and fits a terminal."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from clawfleet.cli.examples import EXAMPLES
from clawfleet.cli.main import cli

WIDTH = 80


def commands(group: click.Group, context: click.Context) -> Iterator[tuple[str, str]]:
    """(name, help) of every command that does something."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        below = click.Context(command, info_name=name, parent=context, terminal_width=WIDTH)
        if isinstance(command, click.Group):
            yield from commands(command, below)
        else:
            yield below.command_path.partition(" ")[2], command.get_help(below)


ALL = dict(commands(cli, click.Context(cli, info_name="openclaw", **cli.context_settings)))


@pytest.mark.parametrize("name", ALL)
def test_help_has_an_example_and_fits(name: str) -> None:
    text = ALL[name]
    assert "openclaw " in text.partition("\n")[2]  # of a command with two names, it may be the other one
    assert max(map(len, text.splitlines())) <= WIDTH


def test_no_example_is_of_a_command_that_is_not_there() -> None:
    assert set(EXAMPLES) <= set(ALL)
