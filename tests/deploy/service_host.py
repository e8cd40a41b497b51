"""A container with systemd, on which one person runs a gateway of this checkout as a service."""

from __future__ import annotations

import json
import subprocess
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.deploy.fleets import ROOT, example_hosts

LIMIT_S = 120
SETUP = """
set -eu
python3 -m venv /opt/clawfleet
/opt/clawfleet/bin/pip install --quiet --no-index --find-links /wheels --disable-pip-version-check clawfleet
ln -s /opt/clawfleet/bin/openclaw /usr/local/bin/openclaw
useradd --create-home --shell /bin/bash ada
loginctl enable-linger ada
"""
READY = """
import json, sys, urllib.request
print(urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/readyz", timeout=30).status)
"""


@dataclass(frozen=True)
class Said:
    """A finished command line."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)


@dataclass(frozen=True)
class ServiceHost:
    """The host. `openclaw(*words)` is a command line of `user`, typed in a shell without a login session."""

    container: str
    user: str = "ada"

    @property
    def home(self) -> str:
        return f"/home/{self.user}"

    def openclaw(self, *words: str, **environ: str) -> Said:
        """One command line, started as over ssh: no session, no terminal."""
        return self.run("openclaw", *words, **environ)

    def run(self, *words: str, stdin: str | None = None, **environ: str) -> Said:
        """A command of the user."""
        return self.root(*self._as_user(environ), *words, stdin=stdin)

    def in_background(self, *words: str, **environ: str) -> None:
        """A command of the user that goes on by itself."""
        subprocess.run(["docker", "exec", "-d", self.container, *self._as_user(environ), *words], check=True)

    def root(self, *words: str, stdin: str | None = None) -> Said:
        """A command of root."""
        done = subprocess.run(
            ["docker", "exec", "-i", self.container, *words],
            input=stdin,
            stdin=None if stdin is not None else subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def start_provider(self, port: int) -> None:
        """The fake provider answers on a loopback port of this host."""
        self.root("mkdir", "-p", "/srv/tests")
        subprocess.run(["docker", "cp", str(ROOT / "tests" / "fakes"), f"{self.container}:/srv/tests/"], check=True)
        words = ("/opt/clawfleet/bin/python", "-m", "tests.fakes.openai", "--port", str(port))
        subprocess.run(["docker", "exec", "-d", "-w", "/srv", self.container, *words], check=True)
        listens = f"import socket; socket.create_connection(('127.0.0.1', {port})).close()"
        until(lambda: self.root("python3", "-c", listens).code == 0, LIMIT_S)

    def write(self, path: str, text: str) -> None:
        """A file of the user, in its home, readable by nobody else."""
        told = self.root("sh", "-c", f"install -D -m 600 -o {self.user} -g {self.user} /dev/stdin {path}", stdin=text)
        assert told.code == 0, told.err

    def read(self, path: str) -> str:
        """What a file says."""
        return self.root("cat", path).out

    def unit(self, name: str = "openclaw-gateway.service") -> dict[str, str]:
        """What systemd says about a unit of the user."""
        words = ("systemctl", "--user", "show", name)
        return dict(line.split("=", 1) for line in self.systemd(*words).out.splitlines() if "=" in line)

    def systemd(self, *words: str) -> Said:
        """A command that reaches the user's service manager."""
        uid = self.root("id", "-u", self.user).out.strip()
        return self.run(*words, XDG_RUNTIME_DIR=f"/run/user/{uid}")

    def is_ready(self, port: int) -> bool:
        """Whether something on that port says it is."""
        return self.root("python3", "-c", READY, str(port)).code == 0

    def _as_user(self, environ: dict[str, str]) -> list[str]:
        base = {"HOME": self.home, "USER": self.user, "PATH": "/usr/local/bin:/usr/bin:/bin"} | environ
        pairs = [f"{name}={value}" for name, value in base.items()]
        return ["runuser", "-u", self.user, "--", "env", "-i", "-C", self.home, *pairs]


def start_service_host(wheelhouse: Path) -> ServiceHost:
    """A booted host with this checkout installed for everybody. Remove it with `remove_service_host`."""
    hosts = example_hosts()
    hosts.build_image()
    name = f"clawfleet-test-{uuid.uuid4().hex[:8]}-service"
    hosts.docker("run", "-d", "--name", name, "--hostname", "service", "--label", hosts.LABEL, *hosts.RUN, hosts.IMAGE)
    host = ServiceHost(name)
    until(lambda: host.root("systemctl", "is-system-running").out.strip() in {"running", "degraded"}, 120)
    hosts.docker("cp", str(wheelhouse), f"{name}:/wheels")
    told = host.root("sh", "-c", SETUP)
    assert told.code == 0, told.err
    until(lambda: host.systemd("systemctl", "--user", "is-system-running").out.strip() in {"running", "degraded"}, 120)
    return host


def remove_service_host(host: ServiceHost) -> None:
    """The host is gone."""
    subprocess.run(["docker", "rm", "--force", host.container], capture_output=True, check=False)


def until(holds: Callable[[], bool], limit_s: float) -> None:
    """Returns when it holds. Raises AssertionError at the deadline."""
    deadline = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < deadline, f"not within {limit_s} s"
        time.sleep(0.1)
