"""How long child processes took, told apart from what a busy machine adds."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

LEAST_CROWD = 5
"""So many others may want the same core on a machine that says it has little to do: it looks back a minute."""


@dataclass
class Took:
    """Seconds of a block: on the clock, and in which its child processes were at work."""

    wall_s: float = 0.0
    work_s: float = 0.0

    @property
    def idle_s(self) -> float:
        """Seconds in which they must have waited for something else than a core, however busy the machine was."""
        crowd = 2 * os.getloadavg()[0] / (os.cpu_count() or 1)
        return self.wall_s - max(crowd, LEAST_CROWD) * self.work_s


@contextmanager
def timed() -> Iterator[Took]:
    """Measures a block; children count that ended in it."""
    took, began, worked = Took(), time.monotonic(), _work_s()
    yield took
    took.wall_s, took.work_s = time.monotonic() - began, _work_s() - worked


def _work_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
