"""Runs on a host, as root: what the fleet asks of the host itself, feature by feature. Standard library only.

    features.py look ORDERS       feature → `as wanted`, `differs` or why the host cannot have it, as JSON
    features.py apply FEATURE     order as JSON on standard input; guarded ones wait for `keep`
    features.py keep FEATURE      the change stays
    features.py back FEATURE      the change is taken back now

An order of null means: as if it had never been asked for.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

import deadman
import firewall
import sshd
import upkeep
from deadman import Change, RefusedError
from places import MADE

Order = Optional["dict[str, Any]"]


def always(_order: Order) -> bool:
    """For what is nothing but files."""
    return True


def never(_order: dict[str, Any]) -> str | None:
    """For what every host can have."""
    return None


@dataclass(frozen=True)
class Feature:
    """How one feature is made; `holds` says whether it counts beside its files, `prove` raises when it does not."""

    change: Callable[[Order], Change]
    holds: Callable[[Order], bool] = always
    refusal: Callable[[dict[str, Any]], str | None] = never
    prove: Callable[[Order], None] = lambda _order: None


FEATURES = {
    "firewall": Feature(firewall.change, firewall.holds, firewall.refusal),
    "ssh": Feature(sshd.change, sshd.holds, sshd.refusal, sshd.check_heeded),
    "journal": Feature(upkeep.journal),
    "updates": Feature(upkeep.updates, refusal=upkeep.updates_refusal),
}


def look(orders: dict[str, Any]) -> dict[str, str]:
    """How each feature is."""
    return {name: state(name, orders.get(name)) for name in FEATURES}


def state(name: str, order: Order) -> str:
    """`as wanted`, `differs`, or why it cannot be."""
    feature, mark = FEATURES[name], MADE / f"feature-{name}"
    if order is None and not mark.exists():
        return "as wanted"
    with contextlib.suppress(RefusedError):
        if order is not None and (reason := feature.refusal(order)):
            return reason
        wanted = feature.change(order).files
        same = all(deadman.read(Path(path)) == content for path, content in wanted.items())
        return "as wanted" if same and feature.holds(order) and mark.exists() else "differs"
    return "differs"


def apply(name: str, order: Order) -> None:
    """Makes it so. Raises RefusedError, and nothing changed, when the host cannot have it."""
    feature, mark = FEATURES[name], MADE / f"feature-{name}"
    if order is not None and (reason := feature.refusal(order)):
        raise RefusedError(reason)
    mark.parent.mkdir(parents=True, exist_ok=True)
    if order is not None:
        mark.touch()
    deadman.make(name, feature.change(order), (order or {}).get("seconds", 0))
    try:
        feature.prove(order)
    except RefusedError:
        deadman.put_back(name)
        raise
    if order is None:
        mark.unlink(missing_ok=True)


def undo() -> list[str]:
    """Every feature is gone; what could not be taken back."""
    stays = []
    for name in FEATURES:
        if (MADE / f"feature-{name}").exists():
            try:
                apply(name, None)
            except (RefusedError, OSError) as error:
                stays.append(f"{name}: {error}")
    return stays


def main(verb: str, argument: str) -> None:
    """See the module's first lines."""
    if verb == "look":
        print(json.dumps(look(json.loads(argument))))
        return
    if verb in {"keep", "back"}:
        {"keep": deadman.keep, "back": deadman.put_back}[verb](argument)
        return
    try:
        apply(argument, json.load(sys.stdin))
    except RefusedError as error:
        raise SystemExit(f"{argument}: {error}; nothing was changed") from None


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
