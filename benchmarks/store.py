"""Durable commits a second: one writer, and many whose commits are grouped."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from pathlib import Path

from clawfleet.store.sqlite import Database

TABLE = ("CREATE TABLE things (name TEXT) STRICT;",)
COUNT = 2000


def _add(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO things VALUES ('x')")


async def _rate(db: Database, writers: int) -> float:
    async def writer() -> None:
        for _ in range(COUNT // writers):
            await db.write(_add)

    started = time.perf_counter()
    await asyncio.gather(*(writer() for _ in range(writers)))
    return COUNT / (time.perf_counter() - started)


async def _measure(folder: Path) -> list[str]:
    db = await Database.open(folder / "bench.sqlite", TABLE)
    lines = [
        f"{f'commits with {writers} writers':28} {await _rate(db, writers):8.0f} /s" for writers in (1, 10, 50, 200)
    ]
    await db.close()
    return lines


def run() -> list[str]:
    """The table's lines."""
    with tempfile.TemporaryDirectory(prefix="clawfleet-bench-") as folder:
        return asyncio.run(_measure(Path(folder)))
