"""What goes out by itself: ticks, health, presence, what runs do; and old one-shot sessions, which go away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Generator
from contextlib import contextmanager

from clawfleet.core.clock import now_ms
from clawfleet.core.errors import GatewayError
from clawfleet.core.tasks import Tasks
from clawfleet.protocol.limits import TICK_INTERVAL_MS
from clawfleet.rpc.approval_shapes import attach
from clawfleet.rpc.call import Gateway
from clawfleet.rpc.health import health_of
from clawfleet.rpc.registry import to_wire
from clawfleet.rpc.system import PresenceEntry
from clawfleet.server.broadcast import Broadcast
from clawfleet.server.session_events import SessionEvents
from clawfleet.server.ws import Door

log = logging.getLogger("clawfleet.server")

HEALTH_EVERY_S = 60.0
PRUNE_EVERY_S = 3600.0
ONE_SHOT_LIFE_MS = 24 * 3600 * 1000
CLOSED_LIFE_MS = 30 * 24 * 3600 * 1000
"""How long the transcript of a session that was reset or deleted is kept."""


class Pulse:
    """The regular events of one gateway, from `start` to `stop`."""

    def __init__(self, gateway: Gateway, broadcast: Broadcast, door: Door) -> None:
        self._gateway = gateway
        self._broadcast = broadcast
        self._door = door
        self._tasks = Tasks()

    def start(self) -> None:
        """Begin; returns at once."""
        self._gateway.runs.events.listen(self._broadcast.tell_run)
        SessionEvents(self._gateway).start()
        self._gateway.presence.changed = self.tell_presence
        attach(self._gateway.toolbox.approvals, self._broadcast)
        self._tasks.start(self._gateway.loop.run(), name="loop-monitor")
        self._tasks.start(self._tick(), name="tick")
        self._tasks.start(self._health(), name="health")
        self._tasks.start(self._prune(), name="prune")

    async def stop(self) -> None:
        """End everything that was begun."""
        await self._tasks.close()

    def tell_presence(self) -> None:
        """Send who is in."""
        rows = [to_wire(PresenceEntry.of(row)) for row in self._gateway.presence.rows()]
        self._broadcast.tell("presence", {"presence": rows}, state_version=self._door.versions())

    async def tell_health(self) -> None:
        """Send how the gateway is."""
        self._door.health_version += 1
        health = to_wire(await health_of(self._gateway))
        self._broadcast.tell("health", health, state_version=self._door.versions(), droppable=True)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_INTERVAL_MS / 1000)
            self._broadcast.tell("tick", {"ts": now_ms()}, droppable=True)

    async def _health(self) -> None:
        while True:
            await asyncio.sleep(HEALTH_EVERY_S)
            with _goes_on("health is not told"):
                await self.tell_health()

    async def _prune(self) -> None:
        while True:
            with _goes_on("old one-shot sessions and kept answers stay"):
                await self._gateway.sessions.prune(now_ms() - ONE_SHOT_LIFE_MS, now_ms() - CLOSED_LIFE_MS)
                await self._gateway.answers.forget_old()
            await asyncio.sleep(PRUNE_EVERY_S)


@contextmanager
def _goes_on(what: str) -> Generator[None, None, None]:
    """Log an expected failure, a full disk for one, and go on: the next time it may work."""
    try:
        yield
    except GatewayError as error:
        log.warning("%s: %s", what, error)
