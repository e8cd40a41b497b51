"""Processes that stand in for gateways and for strangers: each holds a port, some a state lock."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

STAND_IN = """
import json, signal, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

answer, store_dir, stubborn = json.loads(sys.argv[1])


class Front(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps(answer).encode()
        self.send_response(200 if self.path == "/startupz" and answer is not None else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


if stubborn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
server = HTTPServer(("127.0.0.1", 0), Front)
if store_dir:
    from clawfleet.host.lock import StateLock

    lock = StateLock.acquire(Path(store_dir), port=server.server_port, config_path=Path("/c.json"))
print(server.server_port, flush=True)
server.serve_forever()
"""

STARTED = {"ok": True, "status": "started", "version": "2026.9.6", "uptimeMs": 5}


@dataclass
class StandIn:
    """A process that listens on `port` of 127.0.0.1."""

    process: subprocess.Popen[str]
    port: int

    @property
    def pid(self) -> int:
        return self.process.pid


StartStandIn = Callable[..., StandIn]


@pytest.fixture
def stand_in() -> Iterator[StartStandIn]:
    """Starts stand-ins: `answer` is what /startupz says (None: 404), `store_dir` the lock it holds."""
    with ExitStack() as stack:

        def start(answer: object = None, store_dir: Path | None = None, *, stubborn: bool = False) -> StandIn:
            spec = json.dumps([answer, str(store_dir) if store_dir else None, stubborn])
            process = subprocess.Popen([sys.executable, "-c", STAND_IN, spec], stdout=subprocess.PIPE, text=True)
            assert process.stdout
            stack.callback(process.stdout.close)
            stack.callback(process.wait)
            stack.callback(process.kill)
            return StandIn(process, int(process.stdout.readline()))

        yield start
