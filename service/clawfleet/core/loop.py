"""How late the event loop runs: the one number that says whether the gateway can keep up."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass

INTERVAL_S = 1.0
DEGRADED_MS = 1000.0


@dataclass(frozen=True, slots=True)
class LoopHealth:
    """Delays of the last minute in ms; `utilization` and `cpu_core_ratio` are shares of one core."""

    degraded: bool
    delay_p99_ms: float
    delay_max_ms: float
    utilization: float
    cpu_core_ratio: float


class LoopMonitor:
    """Wakes once a second and notes how late it woke."""

    def __init__(self) -> None:
        self._delays_ms: deque[float] = deque(maxlen=60)
        self._cpu_ratio = 0.0

    async def run(self) -> None:
        """Measure until cancelled."""
        while True:
            wall, cpu = time.monotonic(), time.process_time()
            await asyncio.sleep(INTERVAL_S)
            took = time.monotonic() - wall
            self._delays_ms.append(max(0.0, (took - INTERVAL_S) * 1000))
            self._cpu_ratio = (time.process_time() - cpu) / took

    def health(self) -> LoopHealth:
        """The last minute in figures."""
        delays = sorted(self._delays_ms) or [0.0]
        p99 = delays[min(len(delays) - 1, int(len(delays) * 0.99))]
        ratio = round(self._cpu_ratio, 3)
        return LoopHealth(p99 > DEGRADED_MS, round(p99, 1), round(delays[-1], 1), min(1.0, ratio), ratio)
