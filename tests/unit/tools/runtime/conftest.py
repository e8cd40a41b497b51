"""Commands in a scripted place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from clawfleet.sandbox.place import Command, Keyboard
from clawfleet.tools.runtime.processes import Processes
from clawfleet.tools.runtime.running import Limits, Running
from tests.unit.tools.runtime.scripted_place import ScriptedPlace


class Yard:
    """All commands of a test, and what sessions were told of them."""

    def __init__(self) -> None:
        self.processes = Processes()
        self.told: list[tuple[str, str]] = []
        self.processes.notify = self._hear

    async def _hear(self, session_key: str, text: str) -> None:
        self.told.append((session_key, text))

    async def background(
        self, place: ScriptedPlace, line: str = "make all -j", *, pty: bool = False, owner: Any = None, **limits: Any
    ) -> Running:
        """A command in the background that has begun."""
        command = Command(line, Path("/w"), keyboard=Keyboard() if pty else None)
        settings = Limits(**{"timeout_s": 60.0, **limits})
        running = self.processes.begin(place, command, owner or place.owner(), settings, lambda text: None)
        self.processes.to_background(running)
        async with asyncio.timeout(30):
            await running.begun.wait()
        return running

    async def ended(self, place: ScriptedPlace, line: str = "make all -j", **more: Any) -> Running:
        """A command in the background that is over."""
        running = await self.background(place, line, **more)
        async with asyncio.timeout(30):
            await running.over.wait()
        return running


@pytest.fixture
async def yard() -> AsyncIterator[Yard]:
    made = Yard()
    yield made
    await made.processes.close()
