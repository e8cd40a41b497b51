"""The measure of the tests that say how long something may take."""

from __future__ import annotations

import subprocess
import sys

from tests.support.pace import timed


def test_waiting_is_seen_and_work_is_not_taken_for_it() -> None:
    with timed() as waits:
        subprocess.run(["sleep", "0.5"], check=True)
    assert waits.idle_s > 0.2
    with timed() as works:
        subprocess.run([sys.executable, "-c", "sum(range(3_000_000))"], check=True)
    assert works.work_s > 0.01
    assert works.idle_s < 1
