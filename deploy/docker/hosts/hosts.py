"""Linux hosts in containers, to try a fleet without owning servers. The tests deploy to the same ones.

    hosts.py up      build the image, start the hosts of fleet.example.json5, say how to reach them
    hosts.py down    remove them and their keys

A host is Debian with systemd as PID 1 and sshd; keys are made anew and lie in .state/hosts, which git ignores.
The containers run without --privileged: their own cgroup tree is enough for systemd.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]
STATE = REPOSITORY / ".state" / "hosts"
IMAGE = "clawfleet-example-host:bookworm"
LABEL = "clawfleet.example-host"
LOGIN = "deploy"
EXAMPLE = {"edge-1": 22201, "edge-2": 22202}
BOOT_LIMIT_S = 120

# systemd needs to mount, and its own cgroup tree (see boot.sh); nothing of the machine outside is shared.
# SYS_PTRACE lets root see which process holds a port, as it does on a machine of its own.
RUN = (
    *("--cap-add", "SYS_ADMIN", "--cap-add", "NET_ADMIN", "--cap-add", "SYS_PTRACE", "--cgroupns=private"),
    *("--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined"),
    *("--tmpfs", "/run", "--tmpfs", "/run/lock", "--tmpfs", "/tmp"),  # noqa: S108 -- the container's own
)


@dataclass(frozen=True)
class ContainerHost:
    """One started host: its container and where its sshd listens on this machine's loopback."""

    container: str
    ssh_port: int

    def run(self, *words: str, check: bool = True) -> str:
        """Standard output of a command inside, as root."""
        return docker("exec", self.container, *words, check=check)


class Keys:
    """The client's key and the hosts' keys in one directory, with the known_hosts file that pins them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.client = directory / "id_ed25519"
        self.known_hosts = directory / "known_hosts"

    def make(self) -> None:
        """A fresh client key and an empty known_hosts."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o700)
        self._pair(self.client)
        self.known_hosts.write_text("")

    def host_key(self, container: str) -> Path:
        """A fresh host key."""
        path = self.directory / f"{container}.host_key"
        self._pair(path)
        return path

    def trust(self, port: int, host_key: Path) -> None:
        """Pins the key of the host at that port."""
        public = host_key.with_suffix(".host_key.pub").read_text().strip()
        with self.known_hosts.open("a") as file:
            file.write(f"[127.0.0.1]:{port} {public}\n")

    def _pair(self, path: Path) -> None:
        # Part of what pyinfra needs anyway; an ssh client is not required on this machine.
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

        key = Ed25519PrivateKey.generate()
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
        public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        path.with_suffix(f"{path.suffix}.pub").write_bytes(public + b"\n")


def build_image() -> None:
    """The host image, from the Debian base image, which is pulled or made when it is missing."""
    stream = subprocess.run(["bash", REPOSITORY / "sandbox-image" / "base.sh"], check=False, stdout=sys.stderr)
    if stream.returncode:
        raise SystemExit(stream.returncode)
    docker("build", "--quiet", "--tag", IMAGE, str(HERE))


def start_host(container: str, keys: Keys, ssh_port: int = 0, *more: str) -> ContainerHost:
    """A booted host that accepts the client's key; with port 0 the engine picks one. An old one is replaced.

    `more` are words for `docker create`.
    """
    docker("rm", "--force", container, check=False)
    host_key = keys.host_key(container)
    publish = f"127.0.0.1:{ssh_port or ''}:22"
    docker("create", "--name", container, "--hostname", container, "--label", LABEL, *RUN, *more, "-p", publish, IMAGE)
    docker("cp", str(host_key), f"{container}:/etc/ssh/ssh_host_ed25519_key")
    docker("start", container)
    port = int(docker("port", container, "22/tcp").splitlines()[0].rpartition(":")[2])
    host = ContainerHost(container, port)
    authorize = f"install -d -m 700 -o {LOGIN} -g {LOGIN} ~{LOGIN}/.ssh && install -m 600 -o {LOGIN} -g {LOGIN} "
    authorize += f"/dev/stdin ~{LOGIN}/.ssh/authorized_keys"
    docker("exec", "-i", container, "sh", "-c", authorize, stdin=keys.client.with_suffix(".pub").read_text())
    until(lambda: booted(host), f"{container} did not boot")
    keys.trust(port, host_key)
    return host


def booted(host: ContainerHost) -> bool:
    """Whether systemd is up and sshd runs."""
    state = host.run("systemctl", "is-system-running", check=False)
    return state in {"running", "degraded"} and host.run("systemctl", "is-active", "ssh", check=False) == "active"


def until(holds: Callable[[], bool], otherwise: str) -> None:
    """Returns when it holds; ends the program when it does not in time."""
    deadline = time.monotonic() + BOOT_LIMIT_S
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit(f"{otherwise} within {BOOT_LIMIT_S} s; see: docker logs")
        time.sleep(0.1)


def docker(*words: str, check: bool = True, stdin: str | None = None) -> str:
    """Standard output of a docker command, without the last line break. Ends the program when it fails."""
    done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False, input=stdin)
    if check and done.returncode:
        raise SystemExit(f"docker {words[0]} failed: {done.stderr.strip()}")
    return done.stdout.strip()


def up() -> None:
    """Starts the hosts of the example fleet, unless they are there."""
    if shutil.which("docker") is None:
        raise SystemExit("the example hosts are containers, and the docker command is missing")
    names = {f"clawfleet-{name}": port for name, port in EXAMPLE.items()}
    running = docker("ps", "--filter", f"label={LABEL}", "--format", "{{.Names}}").splitlines()
    if set(names) <= set(running) and (STATE / "known_hosts").exists():
        print("the example hosts run already")
        return
    build_image()
    keys = Keys(STATE)
    keys.make()
    for container, port in names.items():
        host = start_host(container, keys, port)
        print(f"{container}: ssh on 127.0.0.1:{host.ssh_port}")
    print("look inside: docker exec -it clawfleet-edge-1 bash     remove them: make fleet-down")


def down() -> None:
    """Removes the example hosts and their keys."""
    for name in EXAMPLE:
        docker("rm", "--force", f"clawfleet-{name}", check=False)
    shutil.rmtree(STATE, ignore_errors=True)


if __name__ == "__main__":
    verbs = {"up": up, "down": down}
    if len(sys.argv) != 2 or sys.argv[1] not in verbs:
        raise SystemExit("usage: hosts.py up|down")
    verbs[sys.argv[1]]()
