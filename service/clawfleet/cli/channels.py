"""`openclaw channels …`: the table of commands about messaging channels. Bare `openclaw channels` lists them."""

from __future__ import annotations

import click

from clawfleet.cli.families import Family, Lazy

COMMANDS = {
    "list": Lazy("clawfleet.cli.channels_list", "Which accounts the config has."),
    "status": Lazy("clawfleet.cli.channels_status", "How each account does."),
    "add": Lazy("clawfleet.cli.channels_add", "Set an account up, or give it another token."),
    "remove": Lazy("clawfleet.cli.channels_remove", "Switch an account off, or take it out of the config."),
    "login": Lazy("clawfleet.cli.channels_login", "Log in where a channel wants more than a token."),
    "logout": Lazy("clawfleet.cli.channels_logout", "Take an account's credentials out of the config."),
}
UNSUPPORTED = frozenset(["capabilities", "dead-letters", "logs", "resolve"])


@click.group(name="channels", cls=Family, table=COMMANDS, unsupported=UNSUPPORTED, default="list")
def command() -> None:
    """Messaging channels: set up, looked at, taken away."""
