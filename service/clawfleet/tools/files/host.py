"""The host's own files. The workspace is where relative paths begin; a jail only when asked for."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Literal

from clawfleet.sandbox import file_work
from clawfleet.sandbox.floor import Ground


class HostFloor:
    """The file system of the gateway, with the gateway's own rights. `home` is what `~` stands for."""

    host: Literal["gateway"] = "gateway"
    writable = True

    def __init__(self, home: str | None) -> None:
        self._home = home

    async def ground(self, workspace: Path, *, confined: bool) -> Ground:
        """Everything; `confined`: the workspace, by its configured and by its real name."""
        if not confined:
            return Ground(str(workspace), (("/", True),), self._home)
        real = await asyncio.to_thread(workspace.resolve)
        return Ground(str(workspace), tuple((name, True) for name in sorted({str(workspace), str(real)})), self._home)

    async def carry(self, workspace: Path, order: str) -> str:
        """The reply of `file_work.answer`, in a thread."""
        return await asyncio.to_thread(file_work.answer, order)
