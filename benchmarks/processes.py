"""The processes that are measured: a gateway, a bare FastAPI app, the fake provider; each on its own port and home."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.gateway import GatewayProcess, free_port, scrubbed_env

ROOT = Path(__file__).resolve().parent.parent
LIMIT_S = 30.0


@contextmanager
def gateway(config: Mapping[str, Any]) -> Iterator[GatewayProcess]:
    """A running gateway with a home of its own."""
    with tempfile.TemporaryDirectory(prefix="clawfleet-bench-") as home:
        process = GatewayProcess(Path(home), config).start()
        try:
            yield process
        finally:
            process.stop()


@contextmanager
def served(module: str, path: str, *arguments: str) -> Iterator[tuple[str, int]]:
    """`python -m module --port P` once it answers on `path`: its URL and process id."""
    port = free_port()
    command = [sys.executable, "-m", module, "--port", str(port), *arguments]
    with tempfile.TemporaryDirectory(prefix="clawfleet-bench-") as home:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=scrubbed_env(Path(home)) | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for(f"http://127.0.0.1:{port}{path}")
            yield f"http://127.0.0.1:{port}", process.pid
        finally:
            process.terminate()
            process.wait(LIMIT_S)


def wait_for(url: str) -> None:
    """Return at the first answer with any status below 500."""
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except urllib.error.HTTPError as error:
            if error.code < 500:
                return
        except OSError:
            pass
        time.sleep(0.005)
    raise TimeoutError(f"{url} did not answer within {LIMIT_S} s")


def rss_mb(pid: int) -> float:
    """Resident memory of a process in MB (10^6 bytes); Linux reads it from /proc, elsewhere ps is asked."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        line = next(row for row in status.read_text().splitlines() if row.startswith("VmRSS"))
        return int(line.split()[1]) * 1024 / 1e6
    return int(subprocess.check_output(["ps", "-o", "rss=", "-p", str(pid)])) * 1024 / 1e6
