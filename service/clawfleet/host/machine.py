"""What machine this is and how it does: names, processors, memory, disk, the address others reach it by."""

from __future__ import annotations

import os
import platform
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

MEMINFO = Path("/proc/meminfo")
CPUINFO = Path("/proc/cpuinfo")
ANYWHERE = ("192.0.2.1", 9)
"""An address of nobody: asking for the way to it sends nothing."""

_ARCH = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk that holds `path`, in bytes."""

    path: str
    total_bytes: int
    available_bytes: int


@dataclass(frozen=True, slots=True)
class Machine:
    """This machine now. `load` are the averages of 1, 5 and 15 minutes; `cpu_model` is None where none is told."""

    hostname: str
    platform: str
    release: str
    arch: str
    os_label: str
    cpu_count: int
    cpu_model: str | None
    load: tuple[float, float, float]
    memory_total_bytes: int
    memory_free_bytes: int
    disk: Disk


def look(folder: Path) -> Machine:
    """The machine, with the disk that holds `folder`. Reads files: call it from a thread."""
    system, release = platform.system(), platform.release()
    usage = shutil.disk_usage(folder)
    total, free = _memory()
    return Machine(
        hostname=socket.gethostname(),
        platform=system.lower(),
        release=release,
        arch=_ARCH.get(platform.machine().lower(), platform.machine().lower()),
        os_label=f"{'macOS' if system == 'Darwin' else system} {release}",
        cpu_count=cpu_count(),
        cpu_model=_cpu_model(),
        load=os.getloadavg(),
        memory_total_bytes=total,
        memory_free_bytes=free,
        disk=Disk(str(folder), usage.total, usage.free),
    )


def cpu_count() -> int:
    """Processors of this machine."""
    return os.cpu_count() or 1


def load_share() -> float:
    """How busy the processors are, 0 to 1: the load of the last minute over their number."""
    return round(min(1.0, os.getloadavg()[0] / cpu_count()), 3)


def lan_address() -> str | None:
    """The IPv4 address that other machines reach this one by; None without a network."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(ANYWHERE)
            address = str(probe.getsockname()[0])
    except OSError:
        return None
    return None if address.startswith(("127.", "0.")) else address


def _memory() -> tuple[int, int]:
    page, total = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_PHYS_PAGES")
    try:
        rows = dict(line.split(":", 1) for line in MEMINFO.read_text(encoding="ascii").splitlines())
        return page * total, int(rows["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return page * total, 0


def _cpu_model() -> str | None:
    try:
        lines = CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor() or None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), None)
