"""Trying again: how long to wait, and one request tried up to three times. Source: channels §2.12 (retry)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from clawfleet.channels.failures import NotConnected, TooFast
from clawfleet.core.clock import now_ms

T = TypeVar("T")

SEND_TRIES = 3
SEND_FIRST_S = 0.4
SEND_MOST_S = 30.0
JITTER = 0.1


@dataclass(frozen=True, slots=True)
class Pace:
    """How waiting is done and time is read; tests replace all three."""

    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = random.random
    now_ms: Callable[[], int] = now_ms

    def backoff_s(self, failures: int, first_s: float, most_s: float) -> float:
        """Seconds to wait after the given number of failures (1 is the first): doubling, capped, 10 % jitter."""
        doubled = first_s * 2.0 ** min(failures - 1, 30)
        return min(doubled, most_s) * (1 + JITTER * (2 * self.random() - 1))


async def try_thrice(attempt: Callable[[], Awaitable[T]], pace: Pace) -> T:
    """The result of `attempt`, repeated while the platform is away or asks for a short pause.

    A pause that the platform names is kept to the second. Raises the last failure; anything that another try
    cannot mend, and a pause of more than half a minute, is raised at once.
    """
    for failures in range(1, SEND_TRIES):
        try:
            return await attempt()
        except TooFast as error:
            if error.retry_after_s > SEND_MOST_S:
                raise
            await pace.sleep(error.retry_after_s)
        except NotConnected:
            await pace.sleep(pace.backoff_s(failures, SEND_FIRST_S, SEND_MOST_S))
    return await attempt()
