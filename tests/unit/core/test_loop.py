"""The loop monitor notices a loop that was blocked."""

import asyncio
import time

import pytest

from clawfleet.core import loop
from clawfleet.core.loop import LoopMonitor


async def test_a_blocked_loop_shows_as_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "INTERVAL_S", 0.01)
    monitor = LoopMonitor()
    assert monitor.health().delay_max_ms == 0
    running = asyncio.ensure_future(monitor.run())
    await asyncio.sleep(0)
    time.sleep(0.1)
    while monitor.health().delay_max_ms == 0:
        await asyncio.sleep(0.01)
    running.cancel()
    assert monitor.health().delay_max_ms >= 50
    assert not monitor.health().degraded
