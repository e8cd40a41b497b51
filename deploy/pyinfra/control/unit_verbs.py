"""`restart` and `rollback`: one host after the other, one gateway after the other, each held to the gate."""

from __future__ import annotations

import asyncio
from typing import Any

from control.locks import Holder, locked, whoami
from control.order import Order, chosen, print_json, say
from specs import whole_spec


def run(order: Order) -> int:
    """0 all ready · 1 one is not; those after it were left alone."""
    return asyncio.run(_run(order))


async def _run(order: Order) -> int:
    found = chosen(order)
    hosts = found.by_host()
    reports: list[dict[str, Any]] = []
    async with locked([found.reach[host] for host in hosts], Holder.of(order.verb)) as unreachable:
        for error in unreachable.values():
            raise error
        for host, items in hosts.items():
            asked = {"gateways": [whole_spec(item, found.fleet.rollout) for item in items], "by": whoami()}
            done = await found.reach[host].ask(order.verb, asked | {"to": order.options.get("to")})
            reports += done
            for report in done:
                _tell(order, report)
            if any(report["outcome"] != "ready" for report in done):
                break
    failed = any(report["outcome"] != "ready" for report in reports)
    if order.as_json:
        print_json({"ok": not failed, "gateways": reports})
    return 1 if failed else 0


def _tell(order: Order, report: dict[str, Any]) -> None:
    if report["outcome"] == "ready":
        say(f"{report['id']}: ready as pid {report['pid']}, release {report['release']}")
    else:
        say(f"✗ {report['id']}: {report['reason']}", f"  {report['hint']}")
