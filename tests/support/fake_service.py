"""A background service in a test: real processes that stand in for gateways, run by a manager that is an object."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clawfleet.core.errors import HostError
from clawfleet.host.definitions import Definition, read_unit
from clawfleet.host.services import Scope, ServiceState
from clawfleet.host.unit_templates import read_unit_template
from clawfleet.host.units import UnitSpec, render_unit

GATEWAY = """
import json, os, signal, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from clawfleet.host.lock import StateLock

port, store_dir, service, behaviour = json.loads(sys.argv[1])
terms = [0]


class Front(BaseHTTPRequestHandler):
    def do_GET(self):
        body = {"ok": True, "status": "started", "version": "0.1.0", "ready": True, "failing": [], "uptimeMs": 1}
        if behaviour == "broken channel":
            body |= {"ready": False, "failing": ["telegram:default"]}
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass


def term(*_):
    terms[0] += 1
    os.write(1, b"asked to end\\n")
    if behaviour != "drains" or terms[0] > 1:
        lock.release()
        os._exit(0)


def restart(*_):
    lock.note_env({})


signal.signal(signal.SIGTERM, term)
signal.signal(signal.SIGUSR2, restart)
if behaviour == "exits 78":
    sys.exit(78)
server = ThreadingHTTPServer(("127.0.0.1", port), Front)
lock = StateLock.acquire(Path(store_dir), port=server.server_port, config_path=Path("/c.json"), service=service or None)
print(server.server_port, flush=True)
server.serve_forever()
"""


class StandInGateway:
    """A process that holds the lock of `store_dir`, answers the probes on `port`, and ends at SIGTERM.

    `drains`: only the second SIGTERM ends it. `broken channel`: it is not wholly ready. `exits 78`: it does not start.
    """

    def __init__(self, store_dir: Path, port: int = 0, *, service: str = "", behaviour: str = "") -> None:
        spec = json.dumps([port, str(store_dir), service, behaviour])
        self.process = subprocess.Popen([sys.executable, "-c", GATEWAY, spec], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        line = self.process.stdout.readline()
        self.port = int(line) if line else 0

    @property
    def pid(self) -> int:
        return self.process.pid

    def has_ended(self) -> bool:
        """Whether it is gone, collecting it if so."""
        return self.process.poll() is not None

    def hears_term(self) -> None:
        """Return when it has noticed a SIGTERM: a second one that comes before that is the same one to it."""
        assert self.process.stdout
        assert self.process.stdout.readline() == "asked to end\n"

    def kill(self) -> None:
        """Gone, whatever it does."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()


@dataclass
class FakeDaemon:
    """The service of a store dir (`host.services.Daemon`). `behaviour` is that of the processes that it starts."""

    file: Path
    store_dir: Path
    behaviour: str = ""
    label: str = "openclaw-gateway.service"
    scope: Scope = "user"
    manager: str = "systemd"
    stop_timeout_s: int = 5
    is_loaded: bool = False
    refuses: HostError | None = None
    running: StandInGateway | None = None
    started: list[StandInGateway] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    exit_code: int | None = None

    def state(self) -> ServiceState:
        written, running = self.written(), self.running
        if running is not None and running.has_ended():
            self.exit_code, self.running = running.process.returncode, None
        return ServiceState(
            kind="systemd user",
            label=self.label,
            target=self.label,
            file=self.file,
            definition=written,
            is_loaded=self.is_loaded,
            loaded_words=("enabled", "disabled"),
            pid=self.running.pid if self.running else None,
            state="active" if self.running else "failed" if self.exit_code else "inactive",
            exit_code=self.exit_code,
            gave_up=bool(self.exit_code) and self.running is None,
        )

    def written(self) -> Definition | None:
        return read_unit(self.file.read_text()) if self.file.exists() else None

    def check(self) -> None:
        if self.refuses:
            raise self.refuses

    def render(self, spec: UnitSpec) -> bytes:
        return render_unit(read_unit_template("user"), spec).encode()

    def load(self) -> None:
        self.calls.append("load")
        self.is_loaded = True

    def start(self) -> None:
        self.calls.append("start")
        self.is_loaded = True
        self.exit_code = None
        written = self.written()
        self.running = StandInGateway(
            self.store_dir, (written.port if written else 0) or 0, service=self.label, behaviour=self.behaviour
        )
        self.started.append(self.running)

    def stop(self, *, disable: bool) -> None:
        self.calls.append(f"stop{' --disable' if disable else ''}")
        self.is_loaded = self.is_loaded and not disable
        if self.running:
            with suppress(ProcessLookupError):
                os.kill(self.running.pid, signal.SIGTERM)
            ended(self.running)

    def restart(self) -> None:
        self.calls.append("restart")
        if self.running:
            with suppress(ProcessLookupError):
                os.kill(self.running.pid, signal.SIGTERM)
            ended(self.running)
        self.start()
        self.calls.pop()

    def forget(self) -> None:
        self.calls.append("forget")
        self.is_loaded = False

    def last_words(self, lines: int) -> list[str]:
        return ["its last words"][:lines]

    def kill(self) -> None:
        """No process of it runs any more."""
        for process in self.started:
            process.kill()


def ended(gateway: StandInGateway, limit_s: float = 30.0) -> None:
    """Returns when a process is gone, or at the deadline."""
    until(gateway.has_ended, limit_s)


def until(holds: Callable[[], Any], limit_s: float = 30.0) -> None:
    """Returns when it holds, or at the deadline."""
    deadline = time.monotonic() + limit_s
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
