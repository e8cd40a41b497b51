"""Runs on a host, as root: says what is in the way of a gateway before anything of it is written.

    obstacles.py SPEC     one sentence per obstacle on standard output

Standard library only. The checks are B1 to B3 of deploy §5.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gateway_unit import Unit, ancestry, describe, listening, owners


def obstacles(spec: dict[str, Any]) -> Iterator[str]:
    """What someone else put where this gateway belongs."""
    yield from port_holders(spec)
    if Path(spec["otherUnit"]).exists():
        yield (
            f"{spec['otherUnit']} exists: a user unit and a system unit of one name would fight; disable and remove it"
        )
    if not Path(spec["records"]).exists():
        for claim in spec["claims"]:
            if Path(claim).exists():
                yield (
                    f"{claim} exists and was not made by these recipes; move it away, or give the gateway another "
                    "profile, stateDir and configPath"
                )


def port_holders(spec: dict[str, Any]) -> Iterator[str]:
    """Processes on the port that are not the gateway's own unit."""
    holders = owners(listening(spec["port"]))
    own = main_pid(Unit(spec)) if holders else 0
    for pid in holders:
        if own not in ancestry(pid):
            yield f"port {spec['port']} is held by {describe(pid)}; stop it, or choose another port"


def main_pid(unit: Unit) -> int:
    """The unit's main process, 0 when it has none."""
    try:
        return int(unit.show().get("MainPID", "0"))
    except (KeyError, ValueError):
        return 0


if __name__ == "__main__":
    for sentence in obstacles(json.loads(sys.argv[1])):
        print(sentence)
