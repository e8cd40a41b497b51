"""Where this gateway's directories are on Docker's host, when the gateway itself runs in a container.

Docker takes the sources of mounts as paths of its host. The gateway finds its own container among Docker's and reads
there what is mounted into it. Source: tools-and-sessions §5.2.
"""

from __future__ import annotations

import re
import socket
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from clawfleet.sandbox.failures import SandboxUnavailable
from clawfleet.sandbox.spec import Mount

if TYPE_CHECKING:
    from docker import APIClient

HOST_ROOT = "OPENCLAW_SANDBOX_HOST_ROOT"
"""`<directory here>=<directory on Docker's host>`, where neither can be found out."""
SOCKET = "unix:///var/run/docker.sock"
MARK = Path("/.dockerenv")
MOUNTINFO = Path("/proc/self/mountinfo")


@dataclass(frozen=True, slots=True)
class Outside:
    """What is mounted into the gateway's own container. `is_inside` is False where there is none to speak of."""

    is_inside: bool = False
    places: tuple[tuple[PurePosixPath, PurePosixPath], ...] = ()

    def of(self, mounts: Iterable[Mount]) -> list[Mount]:
        """`mounts` as Docker's host has them. Raises `SandboxUnavailable` for what only this container has."""
        return [replace(mount, source=self._source(PurePosixPath(mount.source))) for mount in mounts]

    def _source(self, path: PurePosixPath) -> str:
        if not self.is_inside:
            return str(path)
        known = [(here, host) for here, host in self.places if path.is_relative_to(here)]
        if not known:
            raise SandboxUnavailable(
                f"Cannot resolve sandbox bind sources from this Gateway container: {path} is in no bind mount of it.",
                hint=f"mount the state directory and the workspaces from the host, or set {HOST_ROOT}",
            )
        here, host = max(known, key=lambda pair: len(pair[0].parts))
        return str(host / path.relative_to(here))


def look_outside(api: APIClient, environ: Mapping[str, str]) -> Outside:
    """What the gateway's surroundings are; asks Docker only from within a container."""
    if given := environ.get(HOST_ROOT):
        here, _, host = given.partition("=")
        return Outside(True, ((PurePosixPath(here), PurePosixPath(host or here)),))
    if not MARK.exists() or is_beside(environ.get("DOCKER_HOST", SOCKET)):
        return Outside()
    from docker.errors import NotFound

    own = own_id(MOUNTINFO.read_text(encoding="utf-8"))
    try:
        rows = api.inspect_container(own)["Mounts"] if own else []
    except NotFound:
        rows = []
    binds = [row for row in rows if row["Type"] == "bind"]
    return Outside(True, tuple((PurePosixPath(row["Destination"]), PurePosixPath(row["Source"])) for row in binds))


def is_beside(address: str) -> bool:
    """Whether Docker's daemon runs in this very container, and so has the same files: its process is seen here."""
    if not address.startswith("unix://"):
        return False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(5)
            line.connect(address.removeprefix("unix://"))
            peer, _, _ = struct.unpack("3i", line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    except OSError:
        return False
    return bool(peer)


def own_id(mountinfo: str) -> str | None:
    """The id of the container that this process is in, by what Docker mounts into each."""
    match = re.search(r"/containers/([0-9a-f]{64})/", mountinfo)
    return match[1] if match else None
