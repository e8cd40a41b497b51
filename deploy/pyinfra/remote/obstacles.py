"""Runs on a host, as root: says what is in the way of a gateway before anything of it is written.

    obstacles.py SPEC     one sentence per obstacle on standard output

Standard library only. The checks are B1 to B6 of deploy §5.
"""

from __future__ import annotations

import grp
import json
import os
import platform
import pwd
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from machine import Unit, ancestry, describe, listening, owners
from places import HAS_LAUNCHD, ROOT
from shared_places import shared_places

LOCKS = Path("/proc/locks")
MIB = 2**20
MIN_FREE = 2 * 2**30
RELEASE_BYTES = 512 * MIB
STATE_BYTES = 64 * MIB
MAX_SKEW_S = 30
MIN_PYTHON = (3, 11)


def before(order: dict[str, Any]) -> list[dict[str, str]]:
    """Every finding of a host and its gateways before anything is written: `{check, level, message, hint}`."""
    found = [*host_findings(order)]
    for spec in order["gateways"]:
        for text in obstacles(spec):
            message, _, hint = text.rpartition("; ")
            found.append(finding("B1-B4", f"{spec['id']}: {message}", hint))
        found += sandbox_findings(spec, order.get("docker", {}))
    found += [finding("A3", *told) for told in shared_places(order["all"])]
    return found


def host_findings(order: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Python, machine, clock, disk and memory against what the gateways need."""
    is_old = sys.version_info < MIN_PYTHON
    if is_old:
        message = f"its python3 is {platform.python_version()}, gateways need 3.11 or newer"
        yield finding("B5", message, "use Debian 12, Ubuntu 24.04, RHEL 10 or newer, or make python3 a newer one")
    if not is_old:
        yield from wheel_findings(order["platforms"])
    skew = abs(time.time() - order["now"])
    if skew > MAX_SKEW_S:
        yield finding("B5", f"the clock differs from yours by {skew:.0f} s", "set it, for example with timedatectl")
    yield from disk_findings([str(ROOT), *(spec["stateDir"] for spec in order["gateways"])])
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = sum(size(spec["memoryMax"]) for spec in order["all"])
    if limits > memory * 0.8:
        message = f"the gateways may use {limits // MIB} MiB together, this host has {memory // MIB}"
        yield finding("B5", message, "lower memoryMax, or spread the gateways", "warning")


def wheel_findings(platforms: list[str]) -> Iterator[dict[str, str]]:
    """Wheels that are for another Python, another machine, or a newer C library than this host has."""
    for wanted in platforms:
        python, system, machine, library = (*wanted.split(), "")[:4]
        here = f"{python_of(python)} {platform.system()} {platform.machine()}"
        like = f"macosx_14_0_{platform.machine()}" if HAS_LAUNCHD else f"linux-{platform.machine()}"
        if f"{python} {system} {machine}" != here:
            message = f"the wheelhouse is for Python {python} {system} {machine}, this host has {here}"
            yield finding("B5", message, f"make wheelhouse PLATFORM={like} PY={here.partition(' ')[0]}")
        elif library and not numbers(library) <= numbers(glibc()):
            has = f"glibc {glibc()}" if glibc() else "no glibc"
            message = f"the wheels need glibc {library} or newer, this host has {has}"
            yield finding("B5", message, "use Debian 12, Ubuntu 24.04, RHEL 10 or newer")


def glibc() -> str:
    """The version of the C library, empty where it is another one than glibc."""
    name, version = platform.libc_ver()
    return version if name == "glibc" else ""


def numbers(version: str) -> list[int]:
    """A version to be compared."""
    return [int(part) for part in version.split(".") if part.isdigit()]


def disk_findings(places: list[str]) -> Iterator[dict[str, str]]:
    """File systems that a deploy writes to and that have too little room, each once, or cannot be written to."""
    wanted = {"/": MIN_FREE, places[0]: RELEASE_BYTES} | dict.fromkeys(places[1:], STATE_BYTES)
    seen = set()
    for place, need in wanted.items():
        here = existing(Path(place))
        if here.stat().st_dev in seen:
            continue
        seen.add(here.stat().st_dev)
        room = os.statvfs(here)
        free = room.f_bavail * room.f_frsize
        if room.f_flag & os.ST_RDONLY:
            yield finding("B5", f"{here} is mounted read-only", "mount it for writing (mount -o remount,rw)")
        elif free < need:
            message = f"only {free // MIB} MiB of disk are free at {here}, {need // MIB} are wanted"
            yield finding("B5", message, f"make room there: df -h {here}")


def existing(place: Path) -> Path:
    """The place, or what is above it as long as it is not there."""
    return next(path for path in (place, *place.parents) if path.exists())


def python_of(wanted: str) -> str:
    """The version that gateways would run with: a Mac may have several, and these scripts take the newest."""
    if HAS_LAUNCHD and shutil.which(f"python{wanted}"):
        return wanted
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def sandbox_findings(spec: dict[str, Any], docker: dict[str, Any]) -> Iterator[dict[str, str]]:
    """A gateway with sandboxes needs Docker, its user the group, and its containers an image.

    `docker`: what the fleet file lets the recipes do about it: `install`, `group`, `image`.
    """
    if not spec["sandboxed"]:
        return
    if not shutil.which("docker"):
        if not docker.get("install"):
            hint = "say `docker: {install: true}` for the host, or install it there"
            yield finding("B6", f"{spec['id']}: sandboxes need Docker, and it is not installed", hint)
        return
    if not docker.get("group") and not HAS_LAUNCHD:  # Docker Desktop and its like have no group
        yield from group_findings(spec)
    for image in spec["sandboxImages"]:
        if image != docker.get("image") and not has_image(image):
            message = f"{spec['id']}: sandboxes are made of {image}, and the host does not have it"
            yield finding("B6", message, "say `sandbox: {}` for the host, or bring it there yourself", "warning")


def group_findings(spec: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Whether the user, and the service manager that runs its units, may use Docker."""
    user: str = spec["user"]
    try:
        group = grp.getgrnam("docker")
        members, gid = group.gr_mem, group.gr_gid
    except KeyError:
        members, gid = [], -1
    cure = "say `docker: {}` for the host, or: "
    if user != "root" and user not in members:
        message = f"{spec['id']}: user {user} is not in the group docker, which sandboxes need"
        yield finding("B6", message, f"{cure}usermod -aG docker {user} (who is in that group is as good as root)")
    elif user != "root" and spec["scope"] == "user" and (late := began_without(user, gid)):
        message = f"{spec['id']}: the service manager of {user} began before {user} was let into the group docker"
        yield finding("B6", message, f"{cure}systemctl restart user@{late}")


def began_without(user: str, gid: int) -> int:
    """The uid of a user whose service manager runs without that group, else 0."""
    try:
        uid = pwd.getpwnam(user).pw_uid
        words = ["systemctl", "show", "-p", "MainPID", "--value", f"user@{uid}.service"]
        pid = int(subprocess.run(words, capture_output=True, text=True, check=False).stdout or 0)
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines() if pid else []
    except (KeyError, ValueError, OSError):
        return 0
    groups = [line.split()[1:] for line in lines if line.startswith("Groups:")]
    return uid if groups and str(gid) not in groups[0] else 0


def has_image(image: str) -> bool:
    """Whether the host's Docker knows the image."""
    words = ["docker", "image", "inspect", image]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def finding(check: str, message: str, hint: str, level: str = "error") -> dict[str, str]:
    """One finding."""
    return {"check": check, "level": level, "message": message, "hint": hint}


def size(text: str) -> int:
    """Bytes of systemd's spelling; nothing for `infinity`."""
    units = {"K": 2**10, "M": MIB, "G": 2**30, "T": 2**40}
    if text == "infinity":
        return 0
    return int(text[:-1]) * units[text[-1]] if text[-1] in units else int(text)


def obstacles(spec: dict[str, Any]) -> Iterator[str]:
    """What someone else put where this gateway belongs."""
    yield from port_holders(spec)
    if Path(spec["otherUnit"]).exists():
        yield (
            f"{spec['otherUnit']} exists: a user unit and a system unit of one name would fight; disable and remove it"
        )
    state = Path(spec["stateDir"])
    if state.exists() and owner_of(state) not in {spec["user"], None}:
        yield f"{state} belongs to {owner_of(state)} and not to {spec['user']}; move it away, or choose another osUser"
    yield from lock_holders(spec)
    if not spec["adopt"] and not is_ours(spec):
        for claim in spec["claims"]:
            if Path(claim).exists():
                yield (
                    f"{claim} exists and was not made by these recipes; take the gateway over with `adopt: true`, "
                    "move it away, or give this one another profile, stateDir and configPath"
                )


def lock_holders(spec: dict[str, Any]) -> Iterator[str]:
    """Gateways that somebody runs on the same state, besides the unit."""
    lock = Path(spec["stateDir"]) / "clawfleet" / "gateway.lock"
    try:
        inode = str(lock.lstat().st_ino)
        rows = [line.split() for line in LOCKS.read_text(encoding="utf-8").splitlines()]
    except OSError:
        return
    holders = {int(row[4]) for row in rows if len(row) > 5 and row[5].rpartition(":")[2] == inode and row[4].isdigit()}
    own = main_pid(Unit(spec)) if holders else 0
    for pid in sorted(holders):
        if not own or own not in ancestry(pid):
            yield f"{spec['stateDir']} is in use by {describe(pid)}; stop it"


def is_ours(spec: dict[str, Any]) -> bool:
    """Whether the recipes made what lies there: they do, or did and left the data of a gateway that was removed.

    They never leave its unit: one that lies over such data was put there by somebody since.
    """
    records, unit = Path(spec["records"]), Path(spec["claims"][0])
    is_kept = (records.parent / ".made" / f"kept-{records.name}").exists()
    return records.exists() or (is_kept and not unit.exists())


def owner_of(path: Path) -> str | None:
    """The name of who owns it, None when the user has no name."""
    try:
        return path.owner()
    except KeyError:
        return None


def port_holders(spec: dict[str, Any]) -> Iterator[str]:
    """Processes on the port that are not the gateway's own unit."""
    holders = owners(listening(spec["port"]))
    own = main_pid(Unit(spec)) if holders else 0
    for pid in holders:
        if own not in ancestry(pid):
            yield f"port {spec['port']} is held by {describe(pid)}; stop it, or choose another port"


def main_pid(unit: Unit) -> int:
    """The unit's main process, 0 when it has none."""
    try:
        return int(unit.show().get("MainPID", "0"))
    except (KeyError, ValueError):
        return 0


if __name__ == "__main__":
    for sentence in obstacles(json.loads(sys.argv[1])):
        print(sentence)
