"""The first contact with a Mac: is it one, and has it the Python that scripts need?"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path

from clawfleet.fleet.models.host import System
from clawfleet.fleet.systems import unasked
from control.reach import HostFailedError, Reach
from fleet_file import fleet_files, read_fleet
from mac_python import brewed
from operator_files import read_text
from system_memory import remember_systems

AUTO = re.compile(r"""os["']?\s*:\s*["']auto""")
SYSTEMS: dict[str, System] = {"Linux": "linux", "Darwin": "darwin"}


def learn_systems(path: Path) -> None:
    """Asks hosts whose system the fleet file does not say, and remembers; one that does not answer is asked again."""
    texts = [read_text(file) for file in fleet_files(path)]
    if not any(AUTO.search(text) for text in texts):
        return
    fleet, _ = read_fleet(path)
    asked = [Reach(name, fleet.hosts[name].connect, path.parent) for name in unasked(fleet)]
    if told := {host: system for host, system in asyncio.run(_answers(asked)) if system}:
        remember_systems(path, told)


async def _answers(reaches: Sequence[Reach]) -> list[tuple[str, System | None]]:
    return await asyncio.gather(*(_system(reach) for reach in reaches))


async def _system(reach: Reach) -> tuple[str, System | None]:
    try:
        _, out, _ = await reach.run(["uname", "-s"], root=False)
    except HostFailedError:
        return reach.host, None
    return reach.host, SYSTEMS.get(out.strip())


async def bring_python(wanted: Sequence[tuple[Reach, str]]) -> list[HostFailedError]:
    """Has Homebrew install that Python on Macs without it, all at once; where that failed, and why."""
    macs = [(reach, version) for reach, version in wanted if reach.system == "darwin"]
    trouble = await asyncio.gather(*(_bring(reach, version) for reach, version in macs))
    return [error for error in trouble if error is not None]


async def _bring(reach: Reach, version: str) -> HostFailedError | None:
    try:
        code, out, err = await reach.run(["sh", "-c", brewed(version)], root=False)
    except HostFailedError as error:
        return error
    return reach.failed("python", code, err or out) if code else None
