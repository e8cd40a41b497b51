"""Which files are this instance's own: what a backup keeps and a reset removes. A Node original's never are."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from clawfleet.config.env import Instance
from clawfleet.config.load import Snapshot
from clawfleet.host.lock import LOCK_NAME

KEPT_VERSIONS = (".bak*", ".last-good", ".rejected.*", ".clobbered.*")
"""What stands behind the config's name in the names of its older versions."""
BESIDE_DATABASES = ("-wal", "-shm", "-journal")
SET_ASIDE = "before-restore-"
APPROVALS = "exec-approvals.json"
INCLUDES = "includes/"
"""Where a backup keeps the files that the config includes."""


def config_versions(instance: Instance) -> list[Path]:
    """The older versions of the config that are kept beside it."""
    path = instance.config_path
    return sorted(file for pattern in KEPT_VERSIONS for file in path.parent.glob(f"{path.name}{pattern}"))


def included_files(instance: Instance, snapshot: Snapshot | None) -> Iterator[tuple[Path, str]]:
    """(file, its place below the config's directory) of each file that the config includes from there."""
    folder = instance.config_path.parent
    for path in snapshot.included if snapshot else ():
        if path.is_relative_to(folder):
            yield path, str(path.relative_to(folder))


def env_file(instance: Instance) -> Path:
    """The instance's own `.env`."""
    return instance.state_dir / ".env"


def approvals_file(instance: Instance) -> Path:
    """Which commands people have allowed on this host."""
    return instance.state_dir / APPROVALS


def store_files(instance: Instance) -> list[Path]:
    """Everything in our own directory that must not get lost: no lock, no log of a database, no older schema's copy."""
    return [path for path in _walk(instance.store_dir) if _is_kept(path)]


def _is_kept(path: Path) -> bool:
    name = path.name
    if name == LOCK_NAME or name.startswith(".") or name.endswith((*BESIDE_DATABASES, ".bak", ".tmp")):
        return False
    return stat.S_ISREG(path.lstat().st_mode)


def _walk(folder: Path) -> Iterator[Path]:
    try:
        rows = sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return
    for path in rows:
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path)
        else:
            yield path
