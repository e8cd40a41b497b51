"""`plan` and `drift`: what a deploy would change, by host, gateway and step; nothing is changed, no value shown."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from clawfleet.core.counts import counted
from clawfleet.fleet.instance import GatewayInstance
from clawfleet.fleet.selection import selected
from control.converge import HostRun
from control.looks import Looker
from control.machines import load_for_hosts
from control.order import Order, print_json, print_table, say
from control.reach import reaches
from control.talk import talks
from fleet_file import CheckedFleet
from settings import Settings

DRIFT = 2


def run(order: Order) -> int:
    """`plan`: 0, or 1 when a host cannot be looked at; `drift`: 2 when anything differs."""
    checked = load_for_hosts(order.path, Settings().wheelhouse, order.limits)
    runs = asyncio.run(looked(checked, by_host(selected(checked.instances, order.limits))))
    failed = [found for found in runs if found.failed]
    differs = any(found.changed for found in runs)
    if order.as_json:
        print_json({"drift": differs, "hosts": [row(found) for found in runs]})
    else:
        show(runs)
    if failed:
        return 1
    return DRIFT if differs and order.verb == "drift" else 0


async def looked(checked: CheckedFleet, hosts: Mapping[str, Sequence[GatewayInstance]]) -> list[HostRun]:
    """What would change on each host, all hosts at once."""
    reach = reaches(checked.fleet, checked.path, checked.sudo_passwords)
    looker = Looker(checked, len(hosts))
    try:
        async with talks({host: reach[host] for host in hosts}) as talk:
            names = {host: [item.name for item in items] for host, items in hosts.items()}
            return list(await asyncio.gather(*(looker.look(talk[host], names[host]) for host in hosts)))
    finally:
        looker.close()


def by_host(instances: Sequence[GatewayInstance]) -> dict[str, list[GatewayInstance]]:
    """Host → its gateways, hosts sorted."""
    hosts = sorted({item.host for item in instances})
    return {host: [item for item in instances if item.host == host] for host in hosts}


def row(found: HostRun) -> dict[str, Any]:
    """One host for a program."""
    changes = [{"gateway": gateway_of(name), "step": name} for name in found.changed]
    failure = {"failed": found.failed, "reason": found.reason or None, "hint": found.hint or None}
    return {"host": found.host, "changes": changes, **failure}


def gateway_of(step: str) -> str | None:
    """The gateway that a step is about: steps of one are called `gateway <name>: <what>`."""
    word, _, rest = step.partition(" ")
    return rest.partition(":")[0] if word == "gateway" else None


def show(runs: Sequence[HostRun]) -> None:
    """The plan for a person."""
    rows = [
        (found.host, gateway_of(name) or "", name.partition(": ")[2] if gateway_of(name) else name)
        for found in runs
        for name in found.changed
    ]
    if rows:
        print_table(("host", "gateway", "would change"), rows)
    elif not any(found.failed for found in runs):
        print(f"nothing differs on {counted(len(runs), 'host')}")
    for found in runs:
        if found.failed:
            tell_failure(found)


def tell_failure(found: HostRun) -> None:
    """Host, step, cause and what helps."""
    first, *more = found.reason.splitlines() or ["no reason was given"]
    say(f"✗ {found.host}: {found.failed}: {first}", *(f"  {line}" for line in (*more, found.hint)))
