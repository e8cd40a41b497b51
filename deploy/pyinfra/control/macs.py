"""The first contact with a Mac: is it one, and has it the Python that scripts need?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from control.reach import HostFailedError, Reach
from mac_python import brewed


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
