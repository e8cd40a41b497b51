"""docs/reference/cli.md is what the commands say of themselves."""

from __future__ import annotations

from pathlib import Path

import click

from docs.reference import make_cli_page

REFERENCE = Path(__file__).parents[2] / "docs/reference"


def test_the_page_is_up_to_date() -> None:
    """Run `python docs/reference/make_cli_page.py` after a change of the commands."""
    assert (REFERENCE / "cli.md").read_text(encoding="utf-8") == make_cli_page.page()


def test_every_command_and_option_has_a_word_of_help() -> None:
    for name, command in make_cli_page.commands():
        assert command.help, name
        for option in command.params:
            if isinstance(option, click.Option) and not option.hidden:
                assert option.help, f"{name} {option.opts}"


def test_no_line_of_prose_is_wider_than_120() -> None:
    page = (REFERENCE / "cli.md").read_text(encoding="utf-8")
    assert [line for line in page.splitlines() if len(line) > 120 and not line.startswith("|")] == []
