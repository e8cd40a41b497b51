"""Replies on their way to channels: each is tried until the platform has it, or says for good that it will not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from clawfleet.core.errors import ChannelError, GatewayError
from clawfleet.core.tasks import Tasks
from clawfleet.sessions.sessions import Sessions

log = logging.getLogger("clawfleet.agents")

Deliver = Callable[[str, str], Awaitable[None]]
"""Sends a reply to where its input came from: (delivery, text). Raises when it could not be sent."""

DELIVERY_TRIES = 8
RETRY_FIRST_S = 2.0
RETRY_MOST_S = 120.0
ORDER_S = 10.0
"""How long a reply waits for the one before it in its session: none overtakes another because of one failed try."""


class Deliveries:
    """The replies that are owed to channels. What is still owed at a stop stays so on disk, for the next start."""

    def __init__(self, sessions: Sessions, deliver: Deliver) -> None:
        self._sessions = sessions
        self._deliver = deliver
        self._tasks = Tasks()
        self._under_way: set[asyncio.Future[Any]] = set()
        self._last: dict[str, asyncio.Future[Any]] = {}

    @property
    def under_way(self) -> list[asyncio.Future[Any]]:
        """What can be waited for."""
        return list(self._under_way)

    def send(self, run_id: str, session_key: str, delivery: str, text: str) -> None:
        """Begin to send the reply of a run, after those of its session before it; returns at once."""
        before = self._last.get(session_key)
        task = self._tasks.start(self._in_turn(before, run_id, delivery, text), name=f"deliver:{run_id}")
        self._under_way.add(task)
        self._last[session_key] = task
        task.add_done_callback(partial(self._over, session_key))

    async def close(self) -> None:
        """Stop trying."""
        await self._tasks.close()

    def _over(self, session_key: str, task: asyncio.Future[Any]) -> None:
        self._under_way.discard(task)
        if self._last.get(session_key) is task:
            del self._last[session_key]

    async def _in_turn(self, before: asyncio.Future[Any] | None, run_id: str, delivery: str, text: str) -> None:
        if before is not None:
            await asyncio.wait({before}, timeout=ORDER_S)
        await self._send_until_done(run_id, delivery, text)

    async def _send_until_done(self, run_id: str, delivery: str, text: str) -> None:
        wait_s = RETRY_FIRST_S
        for attempt in range(1, DELIVERY_TRIES + 1):
            try:
                await self._deliver(delivery, text)
            except GatewayError as error:
                log.warning("reply of run %s not delivered (try %d of %d): %s", run_id, attempt, DELIVERY_TRIES, error)
                if isinstance(error, ChannelError) and error.is_final:
                    break
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, RETRY_MOST_S)
            else:
                await self._sessions.mark(run_id, "done")
                return
        await self._sessions.mark(run_id, "failed")
