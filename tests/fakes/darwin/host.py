"""Emulated Macs in containers: sshd, launchd's command, BSD's options; see the Dockerfile. No Mac was asked."""

from __future__ import annotations

import socket
import uuid
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

FAKES = Path(__file__).resolve().parents[1]
IMAGE = "clawfleet-test/darwin:bookworm"
LOGIN = "ada"
LAUNCHD = "/var/launchd/501"


@dataclass(frozen=True)
class DarwinHost:
    """One started host: its container, and where its sshd listens on this machine's loopback."""

    container: str
    ssh_port: int
    hosts: ModuleType

    def run(self, *words: str, check: bool = True) -> str:
        """Standard output of a command inside, as root."""
        return str(self.hosts.docker("exec", self.container, *words, check=check))

    def as_ada(self, script: str, *, check: bool = True) -> str:
        """Standard output of shell text, as the login user."""
        words = ("exec", "-u", LOGIN, "-e", f"HOME=/Users/{LOGIN}", "-w", f"/Users/{LOGIN}", self.container)
        return str(self.hosts.docker(*words, "sh", "-c", script, check=check))

    def connect(self, keys: Any) -> dict[str, Any]:
        """How a fleet file reaches it."""
        return {
            "hostname": "127.0.0.1",
            "port": self.ssh_port,
            "user": LOGIN,
            "key": str(keys.client),
            "knownHosts": str(keys.known_hosts),
        }


def build_image(hosts: ModuleType) -> None:
    """The image, from the example host's; `hosts` is deploy/docker/hosts/hosts.py."""
    hosts.build_image()
    hosts.docker("build", "--quiet", "--tag", IMAGE, "--file", str(FAKES / "darwin" / "Dockerfile"), str(FAKES))


def start_host(hosts: ModuleType, keys: Any, *, sudo: bool = False) -> DarwinHost:
    """A host that lets the client's key in as the login user; `sudo`: who may become root without a password."""
    container = f"clawfleet-test-{uuid.uuid4().hex[:8]}-mac"
    host_key = keys.host_key(container)
    hosts.docker(
        *("create", "--name", container, "--hostname", "mini", "--label", hosts.LABEL, "--init"),
        *("--cap-add", "SYS_PTRACE", "-p", "127.0.0.1::22", IMAGE),
    )
    hosts.docker("cp", str(host_key), f"{container}:/etc/ssh/ssh_host_ed25519_key")
    hosts.docker("start", container)
    port = int(hosts.docker("port", container, "22/tcp").splitlines()[0].rpartition(":")[2])
    host = DarwinHost(container, port, hosts)
    ssh = f"/Users/{LOGIN}/.ssh"
    authorize = (
        f"cat > {ssh}/authorized_keys && chown {LOGIN}:staff {ssh}/authorized_keys && chmod 600 {ssh}/authorized_keys"
    )
    hosts.docker(*("exec", "-i", container, "sh", "-c", authorize), stdin=keys.client.with_suffix(".pub").read_text())
    if sudo:
        host.run("sh", "-c", f"echo '{LOGIN} ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/mac")
    keys.trust(port, host_key)
    hosts.until(lambda: greets(port), f"{container} has no ssh server")
    return host


def greets(port: int) -> bool:
    """Whether an ssh server answers there; the engine alone takes calls before it does."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as caller:
            return caller.recv(4) == b"SSH-"
    except OSError:
        return False
