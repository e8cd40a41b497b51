"""`check`: everything that is wrong with the fleet file, secrets included; nothing is written, nobody contacted."""

from __future__ import annotations

from clawfleet.core.counts import counted
from clawfleet.fleet.problems import FleetInvalidError
from clawfleet.fleet.selection import selected
from control.order import Order, print_json, say
from fleet_file import examine


def run(order: Order) -> int:
    """0 when the fleet may be deployed. Raises FleetInvalidError (exit 3) with every finding."""
    found = examine(order.path)
    selected(found.instances, order.limits)
    if not found.is_sound:
        raise FleetInvalidError(found.path.name, found.problems)
    for problem in found.problems:
        say(str(problem))
    if order.as_json:
        rows = [problem.row() for problem in found.problems]
        print_json({"ok": True, "hosts": len(found.fleet.hosts), "gateways": len(found.instances), "problems": rows})
    else:
        size = f"{counted(len(found.instances), 'gateway')} on {counted(len(found.fleet.hosts), 'host')}"
        print(f"{found.path.name}: {size}, no fault found")
    return 0
