"""How late the event loop runs: the one number that says whether the gateway can keep up."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass

from clawfleet.core.clock import now_ms

INTERVAL_S = 1.0
DEGRADED_MS = 1000.0


@dataclass(frozen=True, slots=True)
class LoopHealth:
    """Delays of the last minute in ms; the ratios are shares of one core.

    `cpu_core_ratio` is what the whole process uses, `main_core_ratio` what the loop's thread does of it.
    """

    degraded: bool
    delay_p99_ms: float
    delay_max_ms: float
    utilization: float
    cpu_core_ratio: float
    main_core_ratio: float = 0.0
    degraded_since_ms: int | None = None


class LoopMonitor:
    """Wakes once a second and notes how late it woke."""

    def __init__(self) -> None:
        self._delays_ms: deque[float] = deque(maxlen=60)
        self._cpu_ratio = 0.0
        self._main_ratio = 0.0
        self._degraded_since_ms: int | None = None

    async def run(self) -> None:
        """Measure until cancelled."""
        while True:
            wall, cpu, own = time.monotonic(), time.process_time(), time.thread_time()
            await asyncio.sleep(INTERVAL_S)
            took = time.monotonic() - wall
            self._delays_ms.append(max(0.0, (took - INTERVAL_S) * 1000))
            self._cpu_ratio = (time.process_time() - cpu) / took
            self._main_ratio = (time.thread_time() - own) / took
            if self._p99() <= DEGRADED_MS:
                self._degraded_since_ms = None
            elif self._degraded_since_ms is None:
                self._degraded_since_ms = now_ms()

    def health(self) -> LoopHealth:
        """The last minute in figures."""
        p99, ratio = self._p99(), round(self._cpu_ratio, 3)
        return LoopHealth(
            p99 > DEGRADED_MS,
            round(p99, 1),
            round(max(self._delays_ms, default=0.0), 1),
            min(1.0, ratio),
            ratio,
            round(self._main_ratio, 3),
            self._degraded_since_ms,
        )

    def _p99(self) -> float:
        delays = sorted(self._delays_ms) or [0.0]
        return delays[min(len(delays) - 1, int(len(delays) * 0.99))]
