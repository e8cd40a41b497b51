"""How often a client may write to the control plane: 30 times a minute for each method. Source: protocol §2."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable

from clawfleet.core.errors import GatewayError
from clawfleet.rpc.clients import Caller

WRITES = 30
WINDOW_S = 60.0
MAX_REMEMBERED = 4096
"""Pairs of method and client; past it the one that wrote longest ago is forgotten."""


class TooOften(GatewayError):
    """The client's writes of this minute are used up."""

    code = "RATE_LIMITED"

    def __init__(self, method: str, wait_s: float) -> None:
        seconds = max(1, round(wait_s))
        super().__init__(
            f"rate limit exceeded for {method}; retry after {seconds}s",
            method=method,
            limit=f"{WRITES} per {WINDOW_S:.0f}s",
            retryAfterMs=round(wait_s * 1000),
        )


class WriteLimit:
    """Counts writes by method, device and address. `clock` gives seconds and is replaced in tests."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._written: OrderedDict[tuple[str, str | None, str | None], deque[float]] = OrderedDict()

    def take(self, method: str, caller: Caller) -> None:
        """Count one write. Raises `TooOften`."""
        now, key = self._clock(), (method, caller.device_id, caller.address)
        times = self._written.setdefault(key, deque())
        self._written.move_to_end(key)
        while times and times[0] <= now - WINDOW_S:
            times.popleft()
        if len(times) >= WRITES:
            raise TooOften(method, times[0] + WINDOW_S - now)
        times.append(now)
        if len(self._written) > MAX_REMEMBERED:
            self._written.popitem(last=False)
