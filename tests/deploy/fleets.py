"""A fleet on two container hosts, deployed by a real pyinfra process over SSH."""

from __future__ import annotations

import copy
import importlib.util
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from clawfleet.fleet.env_file import read_env

ROOT = Path(__file__).resolve().parents[2]
RECIPES = ROOT / "deploy" / "pyinfra"
LIMIT_S = 900
# Off unless asked for; with it on, a plain GET tells whether a token is accepted.
HTTP_API = {"config": {"gateway": {"http": {"endpoints": {"chatCompletions": {"enabled": True}}}}}}


def example_hosts() -> ModuleType:
    """deploy/docker/hosts/hosts.py: the hosts that newcomers try a fleet on are those of the tests."""
    path = ROOT / "deploy" / "docker" / "hosts" / "hosts.py"
    spec = importlib.util.spec_from_file_location("example_hosts", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Run:
    """One finished pyinfra process."""

    code: int
    stdout: str
    stderr: str

    @property
    def report(self) -> dict[str, Any]:
        """What `--json` printed."""
        parsed: dict[str, Any] = json.loads(self.stdout)
        return parsed

    @property
    def document(self) -> dict[str, Any]:
        """The one document that `openclaw fleet … --json` printed."""
        parsed: dict[str, Any] = json.loads(self.stdout)
        return parsed

    def changed(self) -> dict[str, list[str]]:
        """Operation → hosts that it changed."""
        operations = self.report["results"]["operations"]
        return {item["name"]: sorted(item["success"]) for item in operations if item["success"]}

    def would_change(self) -> dict[str, list[str]]:
        """Operation → hosts that it would change."""
        return {item["name"]: item["hosts_with_change"] for item in self.report["plan"] if item["hosts_with_change"]}


@dataclass
class Fleet:
    """The fleet file of a test, its hosts, and how to deploy it."""

    directory: Path
    wheelhouse: Path
    hosts: dict[str, Any] = field(default_factory=dict)
    tree: dict[str, Any] = field(default_factory=dict)
    limit_s: float = LIMIT_S

    @property
    def path(self) -> Path:
        return self.directory / "fleet.json5"

    def write(self) -> None:
        """The fleet file as `tree` is now."""
        self.path.write_text(json.dumps(self.tree))

    def tokens(self) -> dict[str, str]:
        """`host/gateway` → its token, from the operator's secrets file."""
        values = read_env((self.directory / "secrets.env").read_text())
        return {
            f"{host}/{name}": values[f"{host}_{name}__OPENCLAW_GATEWAY_TOKEN".upper().replace("-", "_")]
            for host, spec in self.tree["hosts"].items()
            for name in spec["gateways"]
        }

    def start(self, *flags: str) -> subprocess.Popen[str]:
        """A pyinfra process, run the way an operator does."""
        self.write()
        return start(self.path, self.wheelhouse, "deploy.py", *flags)

    def run(self, *flags: str) -> Run:
        """A finished pyinfra process; `-y` deploys, `--dry` looks."""
        return finished(self.start(*flags))

    def begin(self, *words: str, wheelhouse: Path | None = None, **environ: str) -> subprocess.Popen[str]:
        """`openclaw fleet <words>` for this fleet, as an operator types it."""
        self.write()
        paths = {"CLAWFLEET_FLEET": str(self.path), "CLAWFLEET_WHEELHOUSE": str(wheelhouse or self.wheelhouse)}
        return subprocess.Popen(
            [Path(sys.executable).with_name("openclaw"), "fleet", *words],
            cwd=self.directory,
            env=os.environ | paths | environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def openclaw(self, *words: str, wheelhouse: Path | None = None, **environ: str) -> Run:
        """A finished `openclaw fleet <words>`."""
        return finished(self.begin(*words, wheelhouse=wheelhouse, **environ), self.limit_s)

    def status(self) -> list[dict[str, Any]]:
        """One row per gateway."""
        rows: list[dict[str, Any]] = self.openclaw("status", "--json").document["gateways"]
        return rows

    def inside(self, host: str, *words: str, stdin: str = "") -> str:
        """Standard output of a command in a host, as root."""
        command = ["docker", "exec", "-i", self.hosts[host].container, *words]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, check=True).stdout.strip()

    def wait_for(self, host: str, script: str) -> None:
        """Returns when the shell text succeeds on the host."""
        deadline = time.monotonic() + LIMIT_S
        command = ["docker", "exec", self.hosts[host].container, "sh", "-c", script]
        while subprocess.run(command, capture_output=True, check=False).returncode:
            assert time.monotonic() < deadline, script
            time.sleep(0.05)

    def deploy(self) -> Run:
        """A deploy that must succeed."""
        done = self.run("-y", "--json")
        assert done.code == 0, done.stdout[-4000:] + done.stderr[-4000:]
        return done


def start(fleet: Path, wheelhouse: Path, *words: str) -> subprocess.Popen[str]:
    """`pyinfra inventory.py <words>` for a fleet file."""
    environ = os.environ | {"CLAWFLEET_FLEET": str(fleet), "CLAWFLEET_WHEELHOUSE": str(wheelhouse)}
    pyinfra = Path(sys.executable).with_name("pyinfra")
    return subprocess.Popen(
        [pyinfra, "inventory.py", *words],
        cwd=RECIPES,
        env=environ | {"PYINFRA_PROGRESS": "off"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen[str], limit_s: float = LIMIT_S) -> Run:
    """What it printed and how it ended; killed when it takes too long."""
    try:
        stdout, stderr = process.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return Run(process.returncode, stdout, stderr)


def two_hosts(directory: Path, wheelhouse: Path, gateways: Sequence[str] = ("default", "ops")) -> Fleet:
    """Two booted hosts with these gateways in a fleet file; services of a user on one, of the system on the other."""
    specs: dict[str, dict[str, Any]] = {gateway: {} for gateway in gateways}
    return some_hosts(directory, wheelhouse, {"edge-1": "user", "edge-2": "system"}, specs)


def some_hosts(
    directory: Path,
    wheelhouse: Path,
    services: Mapping[str, str],
    gateways: Mapping[str, dict[str, Any]],
    *more: str,
) -> Fleet:
    """Booted hosts, each with these gateways in a fleet file; `services` says which service manager runs them."""
    module = example_hosts()
    module.build_image()
    keys = module.Keys(directory / "keys")
    keys.make()
    fleet = Fleet(
        directory,
        wheelhouse,
        tree={"version": 1, "rollout": {"gateTimeoutS": 180, "settleS": 1}, "defaults": HTTP_API, "hosts": {}},
    )
    run_id = uuid.uuid4().hex[:8]
    for name, service in services.items():
        host = module.start_host(f"clawfleet-test-{run_id}-{name}", keys, 0, *more)
        fleet.hosts[name] = host
        fleet.tree["hosts"][name] = {
            "connect": {
                "hostname": "127.0.0.1",
                "port": host.ssh_port,
                "user": module.LOGIN,
                "key": str(keys.client),
                "knownHosts": str(keys.known_hosts),
            },
            "service": service,
            "stopTimeoutS": 30,
            "gateways": copy.deepcopy(dict(gateways)),
        }
    return fleet


def remove(fleet: Fleet) -> None:
    """The fleet's containers are gone."""
    for host in fleet.hosts.values():
        subprocess.run(["docker", "rm", "--force", "--volumes", host.container], capture_output=True, check=False)
