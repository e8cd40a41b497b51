"""`openclaw models auth …`: stored credentials of model providers."""

from __future__ import annotations

import click

from clawfleet.cli.models_auth_activate import activate_command
from clawfleet.cli.models_auth_keep import (
    add_command,
    login_command,
    paste_api_key_command,
    paste_token_command,
    setup_token_command,
)
from clawfleet.cli.models_auth_order import order_group
from clawfleet.cli.models_auth_stored import copy_command, list_command, remove_command

EXAMPLES = """\b
Examples:
  openclaw models auth login --provider openrouter
  pass show groq | openclaw models auth paste-api-key --provider groq
  openclaw models auth list"""


@click.group(name="auth", epilog=EXAMPLES)
@click.option("--agent", metavar="ID", help="For this agent, in whichever command follows.")
@click.pass_context
def command(context: click.Context, agent: str | None) -> None:
    """Stored credentials of model providers."""
    if agent:
        order = {name: {"agent": agent} for name in order_group.commands}
        context.default_map = {name: {"agent": agent} for name in command.commands} | {"order": order}


for each in (list_command, add_command, login_command, paste_api_key_command, paste_token_command):
    command.add_command(each)
for each in (setup_token_command, order_group, activate_command, remove_command, copy_command):
    command.add_command(each)
command.add_command(remove_command, "logout")
