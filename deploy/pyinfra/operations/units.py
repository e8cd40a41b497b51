"""Units of a host that are the recipes' own: running as wanted, or gone."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from pyinfra import host
from pyinfra.api import StringCommand, operation
from pyinfra.api.operation import OperationMeta

from facts.units import OwnUnit, OwnUnits
from operations.gateways import pending
from shell import Commands


@operation()
def running_unit(unit: str, after: Sequence[OperationMeta]) -> Commands:
    """The unit is enabled and active, as its files say now; `after` are the operations that placed them."""
    changed = any(pending(earlier) or (earlier.is_complete() and earlier.did_change()) for earlier in after)
    if host.get_fact(OwnUnit, unit=unit) == "running" and not changed:
        host.noop(f"{unit} runs")
        return
    name = shlex.quote(unit)
    yield StringCommand(f"systemctl daemon-reload && systemctl enable -q {name} && systemctl restart {name}")


@operation()
def no_unit(unit: str) -> Commands:
    """There is no such unit; with a timer goes the service that it starts."""
    if host.get_fact(OwnUnit, unit=unit) == "none":
        host.noop(f"there is no {unit}")
    else:
        yield from removed(unit)


@operation()
def no_other_units(prefix: str, wanted: Sequence[str]) -> Commands:
    """No unit begins with the prefix but those that are wanted."""
    others = [unit for unit in host.get_fact(OwnUnits, prefix=prefix) if unit not in wanted]
    if not others:
        host.noop(f"no superfluous {prefix}*")
    for unit in others:
        yield from removed(unit)


def removed(unit: str) -> Commands:
    """Stops and removes a unit, and the service of a timer."""
    files = {f"/etc/systemd/system/{name}" for name in (unit, unit.replace(".timer", ".service"))}
    yield StringCommand(f"systemctl disable -q --now {shlex.quote(unit)}; rm -f {shlex.join(sorted(files))}")
    yield StringCommand("systemctl daemon-reload")
