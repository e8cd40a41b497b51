"""`uninstall`: gateways are gone from their hosts; state and workspaces stay unless they are to go too."""

from __future__ import annotations

import asyncio
import sys

from clawfleet.core.errors import RequestError
from control.locks import Holder, locked, whoami
from control.order import Chosen, Order, chosen, complain, print_json, say
from control.reach import HostFailedError, ask_all
from specs import whole_spec


class NotConfirmedError(RequestError):
    """Nobody said yes."""

    code = "NOT_CONFIRMED"
    exit_code = 1


def run(order: Order) -> int:
    """0 when they are gone, else 1."""
    found = chosen(order)
    confirm(order, found)
    return asyncio.run(_run(order, found))


def confirm(order: Order, found: Chosen) -> None:
    """Returns if the answer is yes. Raises NotConfirmedError."""
    if order.options.get("yes"):
        return
    what = "with state, workspaces and backups" if order.options.get("purge") else "(state and workspaces stay)"
    question = f"Remove {', '.join(item.id for item in found.instances)} {what}?"
    if not sys.stdin.isatty():
        raise NotConfirmedError(f"{question} Nobody was asked: this is no terminal.", hint="say it with --yes")
    say(f"{question} Type yes: ")
    if sys.stdin.readline().strip() != "yes":
        raise NotConfirmedError("Nothing was changed.")


async def _run(order: Order, found: Chosen) -> int:
    hosts = found.by_host()
    async with locked([found.reach[host] for host in hosts], Holder.of("uninstall")) as unreachable:
        asked = [
            (
                found.reach[host],
                {
                    "gateways": [whole_spec(item, found.fleet.rollout) for item in items],
                    "purge": bool(order.options.get("purge")),
                    "by": whoami(),
                },
            )
            for host, items in hosts.items()
            if host not in unreachable
        ]
        answers = [*await ask_all(asked, "uninstall"), *unreachable.values()]
    failed = [answer for answer in answers if isinstance(answer, HostFailedError)]
    gone = [answer for answer in answers if isinstance(answer, dict)]
    for answer in gone:
        for row in answer["gateways"]:
            kept = f"; stays: {', '.join(row['stays'])}" if row["stays"] else ""
            say(f"{row['id']}: removed{kept}")
        if answer["stays"]:
            say(f"stays on the host: {', '.join(answer['stays'])}")
    for error in failed:
        complain(error)
    if order.as_json:
        print_json({"ok": not failed, "hosts": gone, "failed": [str(error) for error in failed]})
    return 1 if failed else 0
