"""Notices that the config file, or one that it includes, was changed by somebody else, and has it taken up.

Source: config-and-cli §7.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Protocol

from clawfleet.config.stamps import Stamp, stamps
from clawfleet.core.tasks import Tasks

log = logging.getLogger("clawfleet.gateway.reload")

POLL_S = 0.3
MOST_WAIT_S = 10.0
"""A file that changes all the time is read after so long, settled or not."""


class Follower(Protocol):
    """Who takes up a changed config."""

    @property
    def watched(self) -> tuple[Path, ...]:
        """The files that count."""
        ...

    @property
    def debounce_s(self) -> float:
        """How long they must stay the same."""
        ...

    async def follow(self) -> None:
        """Take up what they say now, if it is anything new; never raises what an operator can cause."""
        ...


class ConfigWatch:
    """One task that looks at the files every `POLL_S`."""

    def __init__(self, follower: Follower, *, poll_s: float = POLL_S) -> None:
        self._follower = follower
        self._poll_s = poll_s
        self._tasks = Tasks()

    def start(self) -> None:
        """Begin. What was changed before counts too: the first thing done is to compare."""
        self._tasks.start(self._run(), name="config-watch")

    async def close(self) -> None:
        """Look no more."""
        await self._tasks.close()

    async def _run(self) -> None:
        seen: dict[Path, Stamp] = {}
        while True:
            if (now := stamps(self._follower.watched)) != seen:
                if seen:
                    await self._settled(now)
                # what is written from here on makes other stamps than these
                seen = stamps(self._follower.watched)
                try:
                    await self._follower.follow()
                except Exception:  # a bug must not end the watch: the next edit may be the one that mends it
                    log.exception("config reload failed")
                # a file that was not watched while it was read may have changed since: it is read once more
                seen = {path: seen[path] for path in self._follower.watched if path in seen}
            await asyncio.sleep(self._poll_s)

    async def _settled(self, last: dict[Path, Stamp]) -> None:
        """Return when the files have stayed the same for long enough."""
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + MOST_WAIT_S
        quiet_since = loop.time()
        while (now_s := loop.time()) < give_up_at and now_s - quiet_since < self._follower.debounce_s:
            await asyncio.sleep(min(0.05, self._follower.debounce_s))
            if (now := stamps(self._follower.watched)) != last:
                last, quiet_since = now, loop.time()
