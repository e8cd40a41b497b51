"""Looks into a database that may belong to a running gateway, and leaves nothing behind: no lock, no log file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

PATIENCE_S = 5.0


@contextmanager
def peek(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that only reads. Raises sqlite3.Error.

    Even a reader makes the files of a write-ahead log. Where there is none nobody writes, so that none is needed.
    """
    is_written = path.with_name(f"{path.name}-wal").exists()
    address = f"{path.resolve().as_uri()}?{'mode=ro' if is_written else 'mode=ro&immutable=1'}"
    with closing(sqlite3.connect(address, uri=True, timeout=PATIENCE_S)) as connection:
        yield connection
