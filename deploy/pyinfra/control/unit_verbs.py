"""`restart`, `start`, `stop` and `rollback`: one host after the other, one gateway after the other.

What shall run afterwards is held to the gate.
"""

from __future__ import annotations

import asyncio
from typing import Any

from clawfleet.core.errors import RequestError
from clawfleet.fleet.instance import GatewayInstance
from control.locks import Holder, locked, whoami
from control.order import Order, chosen, print_json, say
from specs import whole_spec


class DisabledError(RequestError):
    """The gateway is not to run."""

    code = "GATEWAY_DISABLED"
    exit_code = 1


def run(order: Order) -> int:
    """0 all as asked · 1 one is not; those after it were left alone. Raises DisabledError."""
    return asyncio.run(_run(order))


async def _run(order: Order) -> int:
    found = chosen(order)
    hosts = found.by_host() if order.verb == "stop" else enabled(found.by_host())
    reports: list[dict[str, Any]] = []
    wishes = {name: order.options.get(name) for name in ("to", "restoreState")}
    async with locked([found.reach[host] for host in hosts], Holder.of(order.verb)) as unreachable:
        for error in unreachable.values():
            raise error
        for host, items in hosts.items():
            asked = {"gateways": [whole_spec(item, found.fleet.rollout) for item in items], "by": whoami()}
            done = await found.reach[host].ask(order.verb, asked | wishes)
            reports += done
            for report in done:
                _tell(report)
            if any(report["outcome"] == "failed" for report in done):
                break
    failed = any(report["outcome"] == "failed" for report in reports)
    if order.as_json:
        print_json({"ok": not failed, "gateways": reports})
    return 1 if failed else 0


def enabled(hosts: dict[str, list[GatewayInstance]]) -> dict[str, list[GatewayInstance]]:
    """The gateways that the fleet file does not keep stopped. Raises DisabledError when it keeps all of them so."""
    off = [item.id for items in hosts.values() for item in items if not item.enabled]
    left = {host: [item for item in items if item.enabled] for host, items in hosts.items()}
    if not any(left.values()):
        raise DisabledError(
            f"{', '.join(off)}: stopped by the fleet file", hint="take out `enabled: false` and deploy it"
        )
    say(*(f"{name}: left alone, stopped by the fleet file (enabled: false)" for name in off))
    return {host: items for host, items in left.items() if items}


def _tell(report: dict[str, Any]) -> None:
    if report["outcome"] == "stopped":
        say(f"{report['id']}: stopped, until it is started, deployed, or its host boots")
    elif report["outcome"] == "ready":
        say(f"{report['id']}: ready as pid {report['pid']}, release {report['release']}")
    else:
        say(f"✗ {report['id']}: {report['reason']}", f"  {report['hint']}")
