"""What an operator waits for: deploys of new and of unchanged hosts, an upgrade, a look; and how it grows with hosts.

Hosts are containers on this machine: their work is in the figures, where real hosts would share it among themselves.
Needs Docker and some minutes; runs only when it is named.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.processes import ROOT
from tests.deploy.fleets import Fleet, Run, remove, some_hosts
from tests.deploy.many import COUNT, large_file, many_hosts

HOSTS = (1, 2, 4)
GATEWAYS: dict[str, dict[str, Any]] = {"a": {}, "b": {}}
LIMIT_S = 1800


@contextmanager
def _fleet(hosts: int, directory: Path, wheels: Path) -> Iterator[Fleet]:
    """Booted hosts on which nothing was ever deployed; every other one has services of the system."""
    directory.mkdir()
    services = {f"host-{number}": ("user", "system")[number % 2] for number in range(hosts)}
    fleet = some_hosts(directory, wheels, services, GATEWAYS)
    fleet.limit_s = LIMIT_S
    fleet.tree["rollout"]["gateTimeoutS"] = LIMIT_S
    try:
        yield fleet
    finally:
        remove(fleet)


def _timed(fleet: Fleet, *words: str, wheels: Path | None = None) -> tuple[float, Run]:
    """Seconds of a command that must succeed."""
    began = time.perf_counter()
    done = fleet.openclaw(*words, wheelhouse=wheels)
    assert done.code == 0, done.stderr
    return time.perf_counter() - began, done


def _measured(fleet: Fleet, newer: Path) -> str:
    """One line of the table: deploys, looks, and an upgrade with its median gateway."""
    first, _ = _timed(fleet, "deploy")
    unchanged = min(_timed(fleet, "deploy")[0] for _ in range(3))
    drift = min(_timed(fleet, "drift")[0] for _ in range(3))
    status = min(_timed(fleet, "status")[0] for _ in range(3))
    upgrade, done = _timed(fleet, "deploy", "--json", wheels=newer)
    gates = [gate["seconds"] for host in done.document["hosts"] for gate in host["gates"]]
    figures = (first, unchanged, drift, status, upgrade, statistics.median(gates))
    return f"{len(fleet.hosts):5} " + " ".join(f"{figure:10.1f}" for figure in figures)


def _checked(directory: Path, wheels: Path, gateways: int) -> str:
    """How long a large file takes to be checked; nothing is contacted."""
    directory.mkdir()
    fleet = Fleet(directory, wheels, tree=large_file(gateways, gateways // 5))
    seconds = min(_timed(fleet, "check")[0] for _ in range(3))
    return f"check of a file with {gateways} gateways: {seconds:.2f} s"


def _wheels(directory: Path) -> Path:
    """What `make wheelhouse` makes of this checkout."""
    environ = os.environ | {"PYTHON": sys.executable}
    subprocess.run(["bash", ROOT / "deploy" / "wheelhouse.sh", directory], check=True, env=environ, stdout=sys.stderr)
    return directory


def run() -> list[str]:
    """The table's lines; hosts have two gateways each."""
    sys.path.append(str(ROOT / "deploy" / "pyinfra"))  # the recipes import each other as pyinfra runs them
    from tests.deploy.releases import release

    with tempfile.TemporaryDirectory(prefix="clawfleet-bench-") as place:
        wheels = _wheels(Path(place, "wheels"))
        newer = release(wheels, Path(place, "newer"), "99.0.0")
        lines = [
            "hosts "
            + " ".join(f"{head:>10}" for head in ("first", "unchanged", "drift", "status", "upgrade", "a gateway"))
        ]
        for hosts in HOSTS:
            with _fleet(hosts, Path(place, f"fleet-{hosts}"), wheels) as fleet:
                lines.append(_measured(fleet, newer))
                if hosts == HOSTS[-1]:
                    many = many_hosts(fleet, "host-1", "a", GATEWAYS["a"])
                    seconds = min(_timed(many, "status", wheels=newer)[0] for _ in range(3))
                    lines.append(f"status of {COUNT} hosts: {seconds:.1f} s")
        return [*lines, _checked(Path(place, "check"), wheels, 200)]
