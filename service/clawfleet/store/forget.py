"""Takes rows out of the database for good: what was deleted is not left in its free pages or its log either."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Literal

from clawfleet.core.errors import HostError
from clawfleet.store.sqlite import connect

Subject = Literal["credentials", "sessions"]

AUTH = ("auth_profiles", "auth_orders", "auth_health")

TABLES: dict[Subject, tuple[str, ...]] = {
    "credentials": ("pairing_requests", "pairing_approved", "device_requests", "device_tokens", "devices", *AUTH),
    "sessions": ("sessions", "spawns", "progress_cards", "kept_answers"),
}
"""What each subject is kept in; what hangs on these rows goes with them."""


class CannotForget(HostError):
    """The database refused."""

    code = "CANNOT_FORGET"


def forget(path: Path, subjects: Iterable[Subject]) -> int:
    """How many rows of these subjects were removed; those that went with them are not counted.

    Nobody else may have the database open. Raises CannotForget.
    """
    try:
        with closing(connect(path)) as connection:
            there = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            tables = [table for subject in subjects for table in TABLES[subject] if table in there]
            connection.execute("BEGIN IMMEDIATE")
            gone = sum(connection.execute(f"DELETE FROM {table}").rowcount for table in tables)  # noqa: S608 - ours
            connection.execute("COMMIT")
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return gone
    except sqlite3.Error as error:
        raise CannotForget(f"cannot change {path}: {error}", hint="is it open elsewhere?") from error
