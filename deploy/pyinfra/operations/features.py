"""What the fleet asks of a host beside its gateways: made by the host's own script, and guarded where it may bar us."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from pyinfra import host
from pyinfra.api import FunctionCommand, StringCommand, operation

from facts.features import FEATURES_SCRIPT, HostFeatures
from shell import Commands, refuse

GUARDED = ("firewall", "ssh")
"""These could lock everybody out: the host takes them back by itself unless a second connection was made."""


@operation()
def host_feature(feature: str, orders: Mapping[str, Any], again: Callable[[], str | None]) -> Commands:
    """The host is as its order says, or as if it had never been asked for when the order is None.

    `again` opens a second connection and says what failed, None when it works.
    """
    order = orders[feature]
    asked = any(each is not None for each in orders.values())
    found = host.get_fact(HostFeatures, orders=json.dumps(orders, sort_keys=True), asked=asked)
    state = found.get(feature, "as wanted" if order is None else "differs")
    if state == "as wanted":
        host.noop(f"{feature} is as wanted")
        return
    if state != "differs":
        yield refuse(f"{feature}: {state}; nothing was changed")
        return
    script = f"python3 {FEATURES_SCRIPT}"
    yield StringCommand(f"{script} apply {feature}", _stdin=json.dumps(order))
    if feature in GUARDED and order is not None:
        said: list[str] = []
        yield FunctionCommand(_try, (again, said), {})
        if said:
            yield StringCommand(f"{script} back {feature}")
            yield refuse(f"{feature}: the host could not be reached any more ({said[0]}); the change was taken back")
        yield StringCommand(f"{script} keep {feature}")


def _try(again: Callable[[], str | None], said: list[str]) -> None:
    """Runs between two commands of the operation: what it notes decides about the next one."""
    reason = again()
    if reason is not None:
        said.append(reason)
