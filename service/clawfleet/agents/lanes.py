"""Whose turn it is: one run at a time per session in arrival order, and a limit over all sessions together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from clawfleet.core.errors import GatewayError

SUBAGENT = ":subagent:"
MAX_WAITING = 64
"""Runs that may wait in one session; one more is refused before it is accepted."""


class LaneFull(GatewayError):
    """Too many messages of one session wait already."""

    code = "LANE_FULL"

    def __init__(self, session_key: str) -> None:
        super().__init__(
            f"{MAX_WAITING} messages already wait in session {session_key}",
            hint="wait for answers, or abort the running one with chat.abort",
        )


@dataclass(slots=True)
class _Lane:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    present: int = 0


class _Room:
    """Places for so many turns at once. `_debt` are places that a lower limit still has to take away."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._places = asyncio.Semaphore(size)
        self._debt = 0

    def resize(self, size: int) -> None:
        more, self._size = size - self._size, size
        self._debt += max(0, -more)
        for _ in range(more):
            self._give_back()

    async def __aenter__(self) -> None:
        await self._places.acquire()
        while self._debt:  # the place just got is one of those that there are no longer
            self._debt -= 1
            await self._places.acquire()

    async def __aexit__(self, *_: object) -> None:
        self._give_back()

    def _give_back(self) -> None:
        if self._debt:
            self._debt -= 1
        else:
            self._places.release()


class Lanes:
    """Admission to turns. Lanes exist only while somebody is in them."""

    def __init__(self, max_concurrent: int, most_subagents: int = 8) -> None:
        """Subagents have a room of their own: those who wait for them must not take their places."""
        self._lanes: dict[str, _Lane] = {}
        self._room = _Room(max_concurrent)
        self._subagents = _Room(most_subagents)

    def resize(self, max_concurrent: int, most_subagents: int = 8) -> None:
        """Other limits; those who are in stay, also beyond a lower one."""
        self._room.resize(max_concurrent)
        self._subagents.resize(most_subagents)

    @asynccontextmanager
    async def turn(self, session_key: str) -> AsyncGenerator[None, None]:
        """Wait for this session's turn, then for a place among all; both are given back whatever happens inside."""
        lane = self._lanes.setdefault(session_key, _Lane())
        lane.present += 1
        try:
            async with lane.lock, self._subagents if SUBAGENT in session_key else self._room:
                yield
        finally:
            lane.present -= 1
            if lane.present == 0:
                del self._lanes[session_key]
