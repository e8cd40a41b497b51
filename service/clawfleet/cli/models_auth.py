"""`openclaw models auth …`: stored credentials of model providers."""

from __future__ import annotations

import click

from clawfleet.cli.models_auth_keep import add_command, login_command, paste_api_key_command, paste_token_command
from clawfleet.cli.models_auth_order import order_group
from clawfleet.cli.models_auth_stored import copy_command, list_command, remove_command


@click.group(name="auth")
def command() -> None:
    """Stored credentials of model providers."""


for each in (list_command, add_command, login_command, paste_api_key_command, paste_token_command):
    command.add_command(each)
for each in (order_group, remove_command, copy_command):
    command.add_command(each)
command.add_command(remove_command, "logout")
