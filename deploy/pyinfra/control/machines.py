"""The first contact where there are wheels for several kinds of host: which kind is each? Asked of the hosts meant."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path

from clawfleet.fleet.selection import selected
from control.reach import HostFailedError, Reach, reaches
from fleet_file import CheckedFleet, load_fleet
from mac_python import with_python
from machines import WORDS, known_machines, remember_machines
from wheelhouses import read_wheelhouses

ANSWER = re.compile(r"\d+\.\d+ (Linux|Darwin) \S+( [\d.]+)?")


def load_for_hosts(path: Path, wheelhouse: Path, limits: Sequence[str]) -> CheckedFleet:
    """The checked fleet, each gateway with a release that its host can use.

    A host that does not answer counts as what it was before; that it does not is told when it is worked on.
    Raises FleetInvalidError, NothingSelectedError before any contact.
    """
    checked = load_fleet(path, wheelhouse)
    return load_fleet(path, wheelhouse) if learn_machines(checked, wheelhouse, limits) else checked


def learn_machines(checked: CheckedFleet, wheelhouse: Path, limits: Sequence[str] = ()) -> bool:
    """Asks the hosts meant, where there is a choice of wheels for them; whether one is not what it was before."""
    there = read_wheelhouses(wheelhouse)
    asked = {item.host for item in selected(checked.instances, limits) if there.is_a_choice(item.os)}
    if not asked:
        return False
    reach, before = reaches(checked.fleet, checked.path, {}), known_machines(checked.path)
    told = asyncio.run(_told([reach[host] for host in sorted(asked)]))
    if before | told == before:
        return False
    remember_machines(checked.path, told)
    return True


async def _told(hosts: Sequence[Reach]) -> dict[str, str]:
    answers = await asyncio.gather(*(_machine(reach) for reach in hosts))
    return {reach.host: answer for reach, answer in zip(hosts, answers, strict=True) if answer}


async def _machine(reach: Reach) -> str:
    """What the host says, empty when it does not."""
    words = with_python("-c", WORDS) if reach.system == "darwin" else ["python3", "-c", WORDS]
    try:
        _, out, _ = await reach.run(words, root=False)
    except HostFailedError:
        return ""
    answer = out.strip()
    return answer if ANSWER.fullmatch(answer) else ""
