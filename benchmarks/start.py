"""How fast a gateway is ready and how much memory it takes when idle, against a bare FastAPI app."""

from __future__ import annotations

import statistics
import time

from benchmarks.processes import gateway, rss_mb, served

RUNS = 7
QUIET_S = 5.0


def _gateway_once() -> tuple[float, float]:
    started = time.monotonic()
    with gateway({}) as process:
        ready_s = time.monotonic() - started
        time.sleep(QUIET_S)
        return ready_s, rss_mb(process.process.pid)


def _bare_once() -> tuple[float, float]:
    started = time.monotonic()
    with served("benchmarks.bare_app", "/readyz") as (_, pid):
        ready_s = time.monotonic() - started
        time.sleep(QUIET_S)
        return ready_s, rss_mb(pid)


def run() -> list[str]:
    """The table's lines; gateway and bare app take turns."""
    pairs = [(_gateway_once(), _bare_once()) for _ in range(RUNS)]
    lines = []
    for name, index, unit in (("start to ready", 0, "s"), ("idle memory", 1, "MB")):
        ours = statistics.median(pair[0][index] for pair in pairs)
        bare = statistics.median(pair[1][index] for pair in pairs)
        ratio = statistics.median(pair[0][index] / pair[1][index] for pair in pairs)
        lines.append(f"{name:28} gateway {ours:8.2f} {unit:3} bare {bare:8.2f} {unit:3} ratio {ratio:.2f}")
    return lines
