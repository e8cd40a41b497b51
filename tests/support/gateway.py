"""A real gateway process for the tests: `openclaw gateway run` with its own home, state dir, config and port."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import os
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

READY_LIMIT_S = 30.0
STOP_LIMIT_S = 30.0
POLL_S = 0.02
ROWS = 120
PORTS = itertools.cycle(range(20_000 + os.getpid() % ROWS, 32_000, ROWS))
"""The row of this process: test processes that run side by side have ids side by side."""
# All that a gateway under test may know of the machine: no key, token or OPENCLAW_* setting leaks in.
PASSED_ON = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "DOCKER_HOST",
    "DOCKER_CERT_PATH",
    "DOCKER_TLS_VERIFY",
    "XDG_RUNTIME_DIR",
)


class GatewayFactory(Protocol):
    """What the `gateway` fixture gives: each call starts one more gateway, all end with the test."""

    def __call__(
        self,
        config: Mapping[str, Any] | None = None,
        *,
        env: Mapping[str, str] | None = None,
        wait: bool = True,
    ) -> GatewayProcess: ...


class GatewayProcess:
    """One gateway. It can be stopped or killed and started again on the same port and state dir."""

    def __init__(
        self, home: Path, config: Mapping[str, Any] | None = None, *, env: Mapping[str, str] | None = None
    ) -> None:
        self.home = home
        self.state_dir = home / ".openclaw"
        self.port = free_port()
        self.token = secrets.token_hex(24)
        self.by_tls = False
        self.env = scrubbed_env(home) | {"CLAWFLEET_MODEL_RETRY_S": "0"} | dict(env or {})
        self._terminal_path = home / "terminal.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.write_config(config or {})

    @property
    def url(self) -> str:
        """`http://127.0.0.1:<port>`, `https:` where its config wants TLS."""
        return f"http{'s' if self.by_tls else ''}://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        """`ws://127.0.0.1:<port>`, `wss:` where its config wants TLS."""
        return f"ws{'s' if self.by_tls else ''}://127.0.0.1:{self.port}"

    @property
    def config_path(self) -> Path:
        """The `openclaw.json` that this gateway reads."""
        return self.state_dir / "openclaw.json"

    @property
    def log_file(self) -> Path:
        """The log file that this gateway keeps, away from the one that all gateways of a machine share by default."""
        return self.state_dir / "logs" / "gateway.log"

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The running, or last, process. Raises AssertionError before the first start."""
        assert self._process is not None, "the gateway was never started"
        return self._process

    def write_config(self, config: Mapping[str, Any]) -> None:
        """Writes openclaw.json: `config` over a local gateway with token auth. `token` is what it then asks for."""
        base = {
            "gateway": {"mode": "local", "auth": {"mode": "token", "token": self.token}},
            "logging": {"file": str(self.log_file)},
        }
        whole = merged(base, config)
        self.token = whole["gateway"]["auth"].get("token", self.token)
        self.by_tls = bool(whole["gateway"].get("tls", {}).get("enabled"))
        self.state_dir.mkdir(parents=True, exist_ok=True)
        self.config_path.write_text(json.dumps(whole, indent=2), encoding="utf-8")

    def start(self, *, wait: bool = True, by_flag: bool = True) -> GatewayProcess:
        """Starts the process and, with `wait`, returns when /readyz says ready. Raises AssertionError with its log.

        Without `by_flag` the port is the one that the config names: then the config can move it.
        """
        port = ["--port", str(self.port)] if by_flag else []
        command = [sys.executable, "-m", "clawfleet", "gateway", "run", *port]
        with self._terminal_path.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                env=self.env,
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, limit_s: float = READY_LIMIT_S) -> None:
        """Returns when /readyz answers 200. Raises AssertionError when the process ends, or at the deadline."""
        deadline = time.monotonic() + limit_s
        while not self._is_ready():
            try:
                code = self.process.wait(timeout=POLL_S)
            except subprocess.TimeoutExpired:
                assert time.monotonic() < deadline, f"gateway not ready after {limit_s} s:\n{self.log()}"
            else:
                raise AssertionError(f"gateway ended with {code} before it was ready:\n{self.log()}")

    def stop(self, limit_s: float = STOP_LIMIT_S) -> int:
        """Sends SIGTERM; the exit code. Raises AssertionError (and kills it) when it does not end in time."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.wait_exit(limit_s)

    def wait_exit(self, limit_s: float = STOP_LIMIT_S) -> int:
        """The exit code of a gateway that ends by itself. Raises AssertionError (and kills it) at the deadline."""
        try:
            return self.process.wait(timeout=limit_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"gateway still running after {limit_s} s:\n{self.log()}") from None

    def kill(self) -> None:
        """Sends SIGKILL and waits for the end; no harm if it has ended already."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def log(self) -> str:
        """Everything that this gateway wrote to its terminal, over all its starts."""
        return self._terminal_path.read_text(encoding="utf-8", errors="replace") if self._terminal_path.exists() else ""

    def _is_ready(self) -> bool:
        trusting = ssl._create_unverified_context() if self.by_tls else None
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2, context=trusting) as reply:
                return bool(reply.status == 200)
        except (urllib.error.URLError, OSError, http.client.HTTPException):
            return False


def scrubbed_env(home: Path) -> dict[str, str]:
    """The environment of a process under test: the few machine settings it needs, its own home and temp directory."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    temp = home / "tmp"
    temp.mkdir(parents=True, exist_ok=True)
    return kept | {"HOME": str(home), "TMPDIR": str(temp), "PYTHONUNBUFFERED": "1"}


def free_port() -> int:
    """A TCP port that is free on loopback, and that no other program of this machine gets by chance meanwhile.

    It lies below those that the system hands out, in a row of this process's own: see PORTS.
    """
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port := next(PORTS)))
            return port


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` laid on `base`, key by key in nested maps; everything else is replaced."""
    result = dict(base)
    for key, value in over.items():
        below = result.get(key)
        result[key] = merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return result
