"""One SQLite file behind an async façade: a writer thread that commits in groups, a reader thread beside it.

Everything that waits when the writer becomes free goes into one transaction and one fsync, so that durability
costs a share of a disk write instead of a whole one. `write` returns only after the commit is on disk.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from clawfleet.core.errors import HostError
from clawfleet.store.migrations import migrate

T = TypeVar("T")

MAX_GROUP = 256
"""Jobs of one transaction at the most; bounds how long the first of them waits."""

DISK_FAULTS = frozenset(
    {
        *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN),
        *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_CORRUPT),
    }
)
"""Primary result codes of SQLite that say what is wrong with the disk, the file or the memory."""

MAX_PENDING = 4096
"""Jobs that may wait; a further caller waits for a place before its job is queued."""


class StoreUnavailable(HostError):
    """The disk under the database refused: full, read-only or failing."""

    code = "STORE_UNAVAILABLE"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"cannot write {path}: {why}", hint="free disk space or mend its permissions; nothing was acknowledged"
        )


@dataclass(slots=True)
class _Job:
    work: Callable[[sqlite3.Connection], Any]
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


class _Worker(threading.Thread):
    """A thread that owns one connection and runs jobs on it, grouped; `transactional` wraps each group."""

    def __init__(self, path: Path, loop: asyncio.AbstractEventLoop, *, transactional: bool) -> None:
        super().__init__(name=f"sqlite:{path.name}", daemon=True)
        self._path = path
        self._loop = loop
        self._transactional = transactional
        self.jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()

    def run(self) -> None:
        connection = connect(self._path)
        try:
            while self._work_off(connection):
                pass
        finally:
            connection.close()

    def _work_off(self, connection: sqlite3.Connection) -> bool:
        """Wait for jobs and do them; False at the end. A method of its own, so that no result outlives its jobs."""
        group = self._next_group()
        if group is None:
            return False
        if self._transactional:
            self._commit(connection, group)
        else:
            for job in group:
                self._attempt(connection, job)
        self._loop.call_soon_threadsafe(_resolve, group)
        return True

    def _next_group(self) -> list[_Job] | None:
        first = self.jobs.get()
        if first is None:
            return None
        group = [first]
        while len(group) < MAX_GROUP and not self.jobs.empty():
            job = self.jobs.get()
            if job is None:
                self.jobs.put(None)
                break
            group.append(job)
        return group

    def _commit(self, connection: sqlite3.Connection, group: list[_Job]) -> None:
        try:
            connection.execute("BEGIN IMMEDIATE")
            for job in group:
                connection.execute("SAVEPOINT job")
                self._attempt(connection, job)
                if job.error is not None:
                    connection.execute("ROLLBACK TO job")
                connection.execute("RELEASE job")
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            for job in group:
                job.error = job.error or StoreUnavailable(self._path, str(error))

    def _attempt(self, connection: sqlite3.Connection, job: _Job) -> None:
        try:
            job.result = job.work(connection)
        except BaseException as error:
            job.error = StoreUnavailable(self._path, str(error)) if _is_disks_fault(error) else error


def _is_disks_fault(error: BaseException) -> bool:
    """Whether SQLite complains of what is below it; a wrong statement or a broken constraint is a bug of ours."""
    return isinstance(error, sqlite3.DatabaseError) and getattr(error, "sqlite_errorcode", 0) & 0xFF in DISK_FAULTS


def _resolve(group: list[_Job]) -> None:
    for job in group:
        if job.future.done():  # the caller was cancelled meanwhile; the work is on disk all the same
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.result)


def connect(path: Path) -> sqlite3.Connection:
    """A connection with the house's settings: WAL, full durability, foreign keys, explicit transactions."""
    # No statement cache: a cached statement keeps the values it was last given, up to a whole message.
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10, cached_statements=0)
    connection.row_factory = sqlite3.Row
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-2000"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


class Database:
    """One SQLite file. Open it with `Database.open`; `close` waits for everything that was queued."""

    def __init__(self, path: Path, writer: _Worker, reader: _Worker) -> None:
        self.path = path
        self._writer = writer
        self._reader = reader
        self._places = asyncio.Semaphore(MAX_PENDING)

    @classmethod
    async def open(cls, path: Path, migrations: Sequence[str]) -> Self:
        """The database at `path`, created owner-only and brought to the newest version.

        Raises `HostError` when the file was written by a newer release or cannot be used.
        """
        await asyncio.to_thread(migrate, path, migrations, connect)
        loop = asyncio.get_running_loop()
        writer = _Worker(path, loop, transactional=True)
        reader = _Worker(path, loop, transactional=False)
        writer.start()
        reader.start()
        return cls(path, writer, reader)

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` returns, once its changes are committed to disk; its own exception undoes only its own part."""
        return await self._submit(self._writer, work)

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` returns; it sees every write that returned before."""
        return await self._submit(self._reader, work)

    async def _submit(self, worker: _Worker, work: Callable[[sqlite3.Connection], T]) -> T:
        async with self._places:
            future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
            worker.jobs.put(_Job(work, future))
            return await future

    async def close(self) -> None:
        """Finish what is queued and let go of the file."""
        for worker in (self._writer, self._reader):
            worker.jobs.put(None)
            await asyncio.to_thread(worker.join)
