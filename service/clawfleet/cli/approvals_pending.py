"""`openclaw approvals pending`: what waits for a yes on the running gateway."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import age, print_json, tell
from clawfleet.cli.tables import terminal_lines
from clawfleet.cli.target import Ask, asks_gateway, open_gateway
from clawfleet.core.text import printable


@click.command("pending")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@asks_gateway
@pass_cli
def command(cli: CliContext, ask: Ask, *, as_json: bool) -> None:
    """List the commands that wait for an answer, oldest first."""
    with open_gateway(cli, ask) as gateway:
        waiting = [_entry(row) for row in gateway.call("exec.approval.list")]
    if as_json:
        print_json({"approvals": waiting})
        return
    for line in lines(waiting):
        tell(line)


def _entry(row: Mapping[str, Any]) -> dict[str, Any]:
    asked = row["request"]
    return {
        "kind": row.get("approvalKind", "exec"),
        "id": row["id"],
        "summary": asked["command"],
        "agentId": asked.get("agentId"),
        "sessionKey": asked.get("sessionKey"),
        "cwd": asked.get("cwd"),
        "allowedDecisions": asked.get("allowedDecisions") or [],
        "createdAtMs": row["createdAtMs"],
        "expiresAtMs": row["expiresAtMs"],
    }


def lines(waiting: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The same for people: a table, then each whole with the line that answers it."""
    if not waiting:
        yield "Nothing waits for approval."
        return
    heads = ("Kind", "Agent", "Session", "Asked", "Expires", "Command")
    yield from terminal_lines(heads, [_row(each) for each in waiting])
    for each in waiting:
        yield ""
        yield f"{each['id']}  in {each['cwd']}"
        yield from (f"  {printable(line)}" for line in str(each["summary"]).splitlines())
        yield f"  openclaw approvals resolve {each['id']} <{'|'.join(each['allowedDecisions'])}>"


def _row(each: Mapping[str, Any]) -> tuple[str, ...]:
    left_s = max(0, each["expiresAtMs"] / 1000 - time.time())
    session = str(each["sessionKey"] or "")
    return (
        each["kind"],
        each["agentId"] or "",
        session,
        age(each["createdAtMs"]),
        f"{left_s / 60:.0f} min",
        each["summary"],
    )
