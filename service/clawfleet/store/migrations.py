"""Bringing a database file to the newest version: forward only, with a backup of what was there."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from clawfleet.core.errors import HostError
from clawfleet.store.files import private_dir


class NewerState(HostError):
    """The file was written by a newer release; opening it for writing could lose data."""

    code = "STATE_IS_NEWER"
    exit_code = 78

    def __init__(self, path: Path, found: int, known: int) -> None:
        super().__init__(
            f"{path} has schema version {found}, this release knows up to {known}",
            hint="start the newer release again, or restore the backup that it made beside the file",
        )


class StateUnreadable(HostError):
    """The file is not a usable SQLite database."""

    code = "STATE_UNREADABLE"
    exit_code = 78

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"cannot open {path}: {why}", hint="move the file aside to start afresh, or restore it from a backup"
        )


def migrate(path: Path, migrations: Sequence[str], connect: Callable[[Path], sqlite3.Connection]) -> None:
    """Run the scripts that `path` has not seen yet, each in one transaction; `PRAGMA user_version` counts them.

    A file that already holds data is copied to `<name>.v<N>.bak` first. Raises `NewerState`, `StateUnreadable`.
    """
    private_dir(path.parent)
    if not path.exists():
        path.touch(mode=0o600)
    try:
        connection = connect(path)
    except sqlite3.Error as error:
        raise StateUnreadable(path, str(error)) from error
    try:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > len(migrations):
            raise NewerState(path, version, len(migrations))
        if 0 < version < len(migrations):
            _back_up(connection, path.with_name(f"{path.name}.v{version}.bak"))
        for number, script in enumerate(migrations[version:], start=version + 1):
            connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version={number};\nCOMMIT;")
    finally:
        connection.close()


def _back_up(connection: sqlite3.Connection, target: Path) -> None:
    target.touch(mode=0o600)
    with sqlite3.connect(target) as copy:
        connection.backup(copy)
    copy.close()
