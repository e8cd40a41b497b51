"""What a killed gateway left running ends; what is not its own, or left on purpose, goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clawfleet.core.ids import new_id
from clawfleet.tools.host_leftovers import LEAD, OWNER, end_leftovers

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")

Started = list[subprocess.Popen[str]]


@pytest.fixture
def started() -> Iterator[Started]:
    """Processes that end with the test."""
    processes: Started = []
    yield processes
    for each in processes:
        each.kill()
        each.communicate()


def _command(started: Started, owner: str, line: str = "echo $$; exec sleep 60") -> int:
    """The process id that a marked command prints first."""
    process = subprocess.Popen(
        ["/bin/sh", "-c", LEAD, "/bin/sh", "-c", line],
        env={**os.environ, OWNER: owner},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    started.append(process)
    assert process.stdout is not None
    return int(process.stdout.readline())


def test_only_earlier_processes_of_this_gateway_left_something(started: Started) -> None:
    """The same gateway's running process and other gateways keep their commands."""
    gateway = new_id()
    for owner in (f"{gateway}.old", f"{gateway}.new", f"{new_id()}.old"):
        _command(started, owner)
    assert end_leftovers(f"{gateway}.new") == 1
    assert started[0].wait(30) == -signal.SIGKILL
    assert [each.poll() for each in started[1:]] == [None, None]
    assert end_leftovers(f"{gateway}.new") == 0


def test_children_end_and_daemons_stay(started: Started) -> None:
    """Who left the group wanted to stay."""
    gateway = new_id()
    child = _command(started, f"{gateway}.old", "sleep 60 & echo $!")
    daemon = _command(started, f"{gateway}.old", "setsid sh -c 'echo $$; exec sleep 60'")
    assert end_leftovers(f"{gateway}.new") == 2  # the shell that waits for its daemon is one
    _wait_for_end(child)
    os.kill(daemon, signal.SIGKILL)


def _wait_for_end(pid: int) -> None:
    """Return when the process is over, be it that nobody has noticed yet: a killed one takes a moment to die."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return
        if state in "ZX":
            return
        time.sleep(0.01)
    raise AssertionError("it still runs")
