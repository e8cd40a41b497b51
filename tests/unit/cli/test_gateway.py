"""The table of the gateway's commands."""

from __future__ import annotations

import click

from clawfleet.cli.gateway import COMMANDS, UNSUPPORTED, command


def test_every_command_of_the_table_exists() -> None:
    context = click.Context(command)
    for name in COMMANDS:
        assert isinstance(command.get_command(context, name), click.Command), name


def test_what_is_not_supported_is_known() -> None:
    assert {"discover", "stability"} <= UNSUPPORTED
    assert not UNSUPPORTED & COMMANDS.keys()
