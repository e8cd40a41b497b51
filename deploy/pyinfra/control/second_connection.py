"""Whether a host can still be reached by a connection of its own, while an older one is open."""

from __future__ import annotations

import subprocess
import time

from control.reach import Reach

LIMIT_S = 20
PATIENCE_S = 5
AGAIN_S = 0.5


def second_connection(reach: Reach) -> str | None:
    """None when a new connection works, else what it says. An ssh server that reloads refuses for a moment."""
    deadline = time.monotonic() + PATIENCE_S
    while (said := attempt(reach)) is not None and time.monotonic() < deadline:
        time.sleep(AGAIN_S)
    return said


def attempt(reach: Reach) -> str | None:
    """None when it works, else what it says. A connection that ssh shares with an older one proves nothing."""
    line = reach.command("true", root=False)
    if reach.connect.via == "ssh":
        line[1:1] = ["-o", "ControlPath=none"]
    try:
        done = subprocess.run(
            line, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {LIMIT_S} s"
    except FileNotFoundError:
        return f"there is no {line[0]} here to try it with"
    lines = done.stderr.strip().splitlines()
    return None if done.returncode == 0 else (lines[-1] if lines else f"exit code {done.returncode}")
