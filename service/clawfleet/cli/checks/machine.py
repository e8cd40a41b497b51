"""The machine underneath: room on the disk, and a clock that agrees with what was written before."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from clawfleet.cli.checks.finding import Finding
from clawfleet.cli.checks.scene import Scene

MIN_FREE_BYTES = 100 * 1024**2
FEW_FREE_BYTES = 1024**3
FUTURE_S = 300


def disk(scene: Scene) -> Iterator[Finding]:
    """How much can still be written where the state is."""
    folder = _existing(scene.instance.state_dir)
    info = os.statvfs(folder)
    yield from judge_disk(info.f_bavail * info.f_frsize, info.f_favail if info.f_files else None, scene.shown(folder))


def judge_disk(free_bytes: int, free_files: int | None, where: str) -> Iterator[Finding]:
    """Findings on free space; `free_files` is None where the file system does not count them."""
    if free_bytes < FEW_FREE_BYTES:
        text = f"{free_bytes // 1024**2} MB are free on its disk."
        severity = "error" if free_bytes < MIN_FREE_BYTES else "warning"
        yield Finding(
            "disk.space_low", "error" if severity == "error" else "warning", text, where, fix="free some space"
        )
    if free_files is not None and free_files < 1000:
        yield Finding("disk.inodes_low", "error", f"Only {free_files} more files can be made there.", where)


def clock(scene: Scene) -> Iterator[Finding]:
    """Files that were written later than now: this clock is behind, or was ahead when they were written."""
    instance = scene.instance
    files = [instance.config_path, instance.state_dir / ".env", *instance.store_dir.glob("*")]
    late = [(ahead, file) for file in files if (ahead := _ahead_s(file)) > FUTURE_S]
    if late:
        ahead, file = max(late)
        yield Finding(
            "host.clock_behind",
            "warning",
            f"It was written {int(ahead // 60)} minutes in the future: the clock of this host is, or was, wrong.",
            scene.shown(file),
            evidence=f"now {time.strftime('%Y-%m-%d %H:%M:%S %Z')}",
            fix="timedatectl status; pairing codes, device signatures and schedules depend on it",
        )


def _ahead_s(file: Path) -> float:
    try:
        return file.stat().st_mtime - time.time()
    except OSError:
        return 0


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())
