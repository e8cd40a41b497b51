"""What the command line costs to start, against Python itself."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

RUNS = 15
BARE = ("-c", "import json")
COMMANDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("openclaw --version", ("--version",)),
    ("openclaw config get", ("config", "get", "gateway.port")),
    ("… of a key that is not set", ("config", "get", "gateway.bind")),
)
ALLOWED_RATIO, ALLOWED_MORE_MS = 2.5, 150


def _once_ms(line: Sequence[str], home: Path) -> float:
    started = time.perf_counter()
    env = {"HOME": str(home), "PATH": os.defpath}
    subprocess.run(line, env=env, capture_output=True, check=False)  # a key that is not set is exit code 1
    return (time.perf_counter() - started) * 1000


def run() -> list[str]:
    """The table's lines; command and bare Python take turns."""
    lines = []
    with tempfile.TemporaryDirectory(prefix="clawfleet-bench-") as folder:
        home = Path(folder)
        (home / ".openclaw").mkdir()
        (home / ".openclaw" / "openclaw.json").write_text("{ gateway: { port: 18789 } }", encoding="utf-8")
        for name, words in COMMANDS:
            ours = (sys.executable, "-m", "clawfleet", *words)
            pairs = [(_once_ms(ours, home), _once_ms((sys.executable, *BARE), home)) for _ in range(RUNS)]
            took, bare = (statistics.median(pair[index] for pair in pairs) for index in (0, 1))
            limit = ALLOWED_RATIO * bare + ALLOWED_MORE_MS
            lines.append(
                f"{name:28} took    {took:8.0f} ms  python {bare:6.0f} ms  ratio {took / bare:.2f}  "
                f"wanted under {limit:.0f} ms"
            )
    return lines
