"""`openclaw approvals resolve`: a yes or a no to what waits on the running gateway."""

from __future__ import annotations

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.target import Ask, asks_gateway, open_gateway
from clawfleet.core.errors import RequestError

SCOPES = ("operator.admin", "operator.approvals")


class AnsweredOtherwise(RequestError):
    """Somebody was first, with another answer."""

    code = "APPROVAL_ALREADY_RESOLVED"
    exit_code = 1


@click.command("resolve")
@click.argument("approval_id", metavar="ID")
@click.argument("decision", type=click.Choice(("allow-once", "allow-always", "deny")))
@click.option("--reason", metavar="TEXT", help="A note for this confirmation; it goes nowhere else.")
@asks_gateway
@pass_cli
def command(cli: CliContext, ask: Ask, *, approval_id: str, decision: str, reason: str | None) -> None:
    """Answer a command that waits. allow-always lets this very command run in this directory from now on."""
    with open_gateway(cli, ask, scopes=SCOPES) as gateway:
        before = gateway.call("approval.get", {"id": approval_id})["approval"]
        answer = {"id": approval_id, "kind": before["presentation"]["kind"], "decision": decision}
        done = gateway.call("approval.resolve", answer)
    given = done["approval"].get("decision")
    if given != decision:
        raise AnsweredOtherwise(f"{approval_id} was answered with {given or done['approval']['status']} before")
    note = "" if before["status"] == "pending" else " (already resolved, same decision)"
    click.echo(f"✓ {approval_id}: {decision}{note}{f' · {reason}' if reason else ''}")
