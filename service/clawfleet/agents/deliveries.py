"""Replies on their way to channels: each is tried until the platform has it, or says for good that it will not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
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


class Deliveries:
    """The replies that are owed to channels. What is still owed at a stop stays so on disk, for the next start."""

    def __init__(self, sessions: Sessions, deliver: Deliver) -> None:
        self._sessions = sessions
        self._deliver = deliver
        self._tasks = Tasks()
        self._under_way: set[asyncio.Future[Any]] = set()

    @property
    def under_way(self) -> list[asyncio.Future[Any]]:
        """What can be waited for."""
        return list(self._under_way)

    def send(self, run_id: str, delivery: str, text: str) -> None:
        """Begin to send the reply of a run; returns at once."""
        task = self._tasks.start(self._send_until_done(run_id, delivery, text), name=f"deliver:{run_id}")
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def close(self) -> None:
        """Stop trying."""
        await self._tasks.close()

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
