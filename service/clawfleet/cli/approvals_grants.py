"""`openclaw approvals grants list|revoke`: what automations may run without asking."""

from __future__ import annotations

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.cli.target import Ask, asks_gateway, open_gateway
from clawfleet.core.errors import RequestError


class NoSuchGrant(RequestError):
    """There is no grant of that id."""

    code = "GRANT_NOT_FOUND"
    exit_code = 1


@click.group("grants")
def command() -> None:
    """What automations may run without asking."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@asks_gateway
@pass_cli
def list_command(cli: CliContext, ask: Ask, *, as_json: bool) -> None:
    """List the grants."""
    with open_gateway(cli, ask) as gateway:
        grants = gateway.call("exec.approval.grants.list")["grants"]
    if as_json:
        print_json({"grants": grants})
    elif not grants:
        click.echo("No grants.")
    for grant in grants if not as_json else ():
        click.echo(f"{grant['id']}  {grant.get('command', '')}")


@command.command("revoke")
@click.argument("grant_id", metavar="ID")
@asks_gateway
@pass_cli
def revoke_command(cli: CliContext, ask: Ask, *, grant_id: str) -> None:
    """Take a grant back."""
    with open_gateway(cli, ask) as gateway:
        outcome = gateway.call("exec.approval.grants.revoke", {"grantId": grant_id})["outcome"]
    if outcome == "not-found":
        raise NoSuchGrant(f"no grant {grant_id}", hint="openclaw approvals grants list")
    click.echo(f"✓ {grant_id} revoked")
