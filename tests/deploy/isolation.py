"""What lies where on a host, whose it is, and what each gateway can see of the others: as facts, tried on the host."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.deploy.fleets import ROOT, Fleet
from tests.fakes.openai.app import DEFAULT_KEY

PROVIDER_PORT = 8318
PROVIDER = {
    "models": {
        "providers": {
            "fake": {
                "baseUrl": f"http://127.0.0.1:{PROVIDER_PORT}/v1",
                "api": "openai-completions",
                "apiKey": DEFAULT_KEY,
                "models": [{"id": "fake-1", "name": "fake-1"}],
            }
        }
    },
    "agents": {"defaults": {"model": "fake/fake-1"}},
}
"""Config of a gateway whose model is the fake one of its own host."""

# Prints which of the paths can be read: a file's first byte, a directory's names.
READABLE = 'for p in "$@"; do { [ -d "$p" ] && ls "$p" || head -c 1 "$p"; } >/dev/null 2>&1 && echo "$p"; done; true'
# Runs as root on a host: {who: {"user", "pid", "paths"}} → the paths of each that every user can read, outside and
# inside the mount namespace of its own gateway.
TRY = """
import json, subprocess, sys
order = json.load(sys.stdin)
paths = [path for one in order["gateways"].values() for path in one["paths"]]
found = {}
for name, one in order["gateways"].items():
    user = ["runuser", "-u", one["user"], "--"]
    ways = {"outside": user, "inside": ["nsenter", "-t", str(one["pid"]), "-m", "--", *user]}
    for way, words in ways.items():
        words = [*words, "sh", "-c", order["script"], "sh", *paths]
        done = subprocess.run(words, capture_output=True, text=True, cwd="/")
        found[f"{name} {way}"] = done.stdout.splitlines()
print(json.dumps(found))
"""
POST = "import sys, urllib.request as u; u.urlopen(u.Request(sys.argv[1], data=sys.stdin.buffer.read()), timeout=60)"


@dataclass(frozen=True)
class Placed:
    """One gateway of a host as its deploy left it."""

    name: str
    user: str
    unit: str
    scope: str
    pid: int

    @property
    def home(self) -> str:
        return f"/home/{self.user}"

    @property
    def state_dir(self) -> str:
        return f"{self.home}/.openclaw" + ("" if self.name == "default" else f"-{self.name}")

    @property
    def unit_path(self) -> str:
        return (
            f"{self.home}/.config/systemd/user/{self.unit}"
            if self.scope == "user"
            else f"/etc/systemd/system/{self.unit}"
        )

    def private(self) -> list[str]:
        """What nobody else may read."""
        state, process = self.state_dir, f"/proc/{self.pid}"
        return [
            self.home,
            state,
            f"{state}/.env",
            f"{state}/openclaw.json",
            f"{state}/workspace",
            f"{process}/environ",
            f"{process}/cwd/",
        ]

    def table(self) -> dict[str, str]:
        """Path → `mode owner:group`."""
        user, owned = f"{self.user}:{self.user}", f"/etc/clawfleet/{self.name}"
        files = {
            self.home: f"700 {user}",
            self.state_dir: f"700 {user}",
            f"{self.state_dir}/workspace": f"700 {user}",
            f"{self.state_dir}/openclaw.json": f"600 {user}",
            f"{self.state_dir}/.env": f"600 {user}",
            owned: "700 root:root",
            f"{owned}/applied.json": "600 root:root",
            f"{owned}/overlay.json": "600 root:root",
            f"/opt/clawfleet/instances/{self.name}": "755 root:root",
            f"/opt/clawfleet/instances/{self.name}/current": "777 root:root",
        }
        if self.scope == "system":
            return files | {self.unit_path: "644 root:root"}
        parents = {
            f"{self.home}/{path}": f"700 {user}" for path in (".config", ".config/systemd", ".config/systemd/user")
        }
        return (
            files | parents | {self.unit_path: f"600 {user}", f"/var/lib/systemd/linger/{self.user}": "644 root:root"}
        )


HOST_TABLE = {
    "/opt/clawfleet": "755 root:root",
    "/opt/clawfleet/releases": "755 root:root",
    "/opt/clawfleet/lib": "755 root:root",
    "/etc/clawfleet": "755 root:root",
    "/var/log/clawfleet/audit.log": "640 root:adm",
    "/usr/local/bin/openclaw": "777 root:root",
}


def placed(fleet: Fleet, host: str) -> list[Placed]:
    """The gateways of a host."""
    spec = fleet.tree["hosts"][host]
    rows = [row for row in fleet.status() if row["host"] == host]
    users = {name: one.get("osUser", "openclaw") for name, one in spec["gateways"].items()}
    return [Placed(row["gateway"], users[row["gateway"]], row["unit"], spec["service"], row["pid"]) for row in rows]


def misplaced(fleet: Fleet, host: str, gateways: Sequence[Placed]) -> list[str]:
    """What is not where it should be, is another's, or can be touched by others than it should."""
    wanted = HOST_TABLE | {path: told for one in gateways for path, told in one.table().items()}
    script = 'for p in "$@"; do stat -c "%n|%a %U:%G" "$p" || echo "$p|missing"; done 2>/dev/null'
    lines = fleet.inside(host, "sh", "-c", script, "sh", *wanted).splitlines()
    found = dict(line.split("|") for line in lines)
    wrong = [f"{path}: {found[path]}, not {told}" for path, told in wanted.items() if found[path] != told]
    loose = r"find /opt/clawfleet /etc/clawfleet ! -type l \( ! -user root -o ! -group root -o -perm /022 \)"
    wrong += [f"{path}: not root's alone" for path in fleet.inside(host, "sh", "-c", loose).splitlines()]
    for user in {one.user for one in gateways}:
        account = fleet.inside(
            host, "sh", "-c", f"getent passwd {user} | cut -d: -f7; passwd -S {user} | cut -d' ' -f2; id -Gn {user}"
        )
        if account.split("\n") != ["/bin/bash", "L", user]:
            wrong.append(f"user {user}: {account}")
    return wrong


def leaks(fleet: Fleet, host: str, gateways: Sequence[Placed]) -> list[str]:
    """What a gateway's user can read of the others', as that user and in its own unit's view of the files."""
    order = {one.name: {"user": one.user, "pid": one.pid, "paths": one.private()} for one in gateways}
    answer = fleet.inside(host, "python3", "-c", TRY, stdin=json.dumps({"gateways": order, "script": READABLE}))
    found: dict[str, list[str]] = json.loads(answer)
    own = {one.name: set(one.private()) for one in gateways}
    for way, paths in found.items():  # whoever could read nothing at all would prove nothing
        assert own[way.split()[0]] <= set(paths), (way, paths)
    return [f"{way}: {path}" for way, paths in found.items() for path in paths if path not in own[way.split()[0]]]


def exposure(fleet: Fleet, host: str, unit: str) -> float:
    """The unit's score by `systemd-analyze security`."""
    told = fleet.inside(host, "systemd-analyze", "security", "--no-pager", unit)
    score = re.search(r"Overall exposure level for \S+: ([\d.]+)", told)
    assert score, told
    return float(score[1])


def start_provider(fleet: Fleet, host: str, gateway: str) -> None:
    """The fake provider answers on a port of the host, run by the release of one of its gateways."""
    container = fleet.hosts[host].container
    fleet.inside(host, "mkdir", "-p", "/srv/tests")
    subprocess.run(["docker", "cp", str(ROOT / "tests" / "fakes"), f"{container}:/srv/tests/"], check=True)
    python = f"/opt/clawfleet/instances/{gateway}/current/bin/python"
    words = (python, "-m", "tests.fakes.openai", "--port", str(PROVIDER_PORT))
    subprocess.run(["docker", "exec", "-d", "-w", "/srv", container, *words], check=True)
    fleet.wait_for(host, f"python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", {PROVIDER_PORT}))'")


def told_by_a_tool(fleet: Fleet, host: str, one: Placed, command: str) -> str:
    """What a command prints that the gateway's agent runs because its model says so."""
    steps: list[dict[str, Any]] = [
        {"tool": "exec", "arguments": json.dumps({"command": command})},
        {"like": "fake-tool"},
    ]
    fleet.inside(host, "python3", "-c", POST, f"http://127.0.0.1:{PROVIDER_PORT}/_script", stdin=json.dumps(steps))
    profile = [] if one.name == "default" else ["--profile", one.name]
    words = (
        "runuser",
        "-u",
        one.user,
        "--",
        "env",
        "-C",
        one.home,
        f"HOME={one.home}",
        "openclaw",
        *profile,
        "agent",
        "--message",
        "go",
    )
    return fleet.inside(host, *words)
