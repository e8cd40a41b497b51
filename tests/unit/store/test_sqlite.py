"""The database façade: durable groups, one failure does not spoil its neighbours."""

import asyncio
import sqlite3
import weakref
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from clawfleet.store.sqlite import Database, StoreUnavailable

TABLE = ("CREATE TABLE things (name TEXT PRIMARY KEY) STRICT;",)


@pytest_asyncio.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(tmp_path / "x.sqlite", TABLE)
    yield database
    await database.close()


def add(name: str) -> Callable[[sqlite3.Connection], str]:
    def work(connection: sqlite3.Connection) -> str:
        connection.execute("INSERT INTO things VALUES (?)", (name,))
        return name

    return work


def names(connection: sqlite3.Connection) -> list[str]:
    return [row["name"] for row in connection.execute("SELECT name FROM things ORDER BY name")]


async def test_what_a_write_returned_is_seen_by_the_next_read_and_by_another_process(db: Database) -> None:
    assert await db.write(add("a")) == "a"
    assert await db.read(names) == ["a"]
    with sqlite3.connect(db.path) as other:
        assert other.execute("SELECT count(*) FROM things").fetchone()[0] == 1
    other.close()


async def test_one_failing_job_of_a_group_undoes_only_itself(db: Database) -> None:
    results = await asyncio.gather(
        *(db.write(add(name)) for name in ("a", "b", "a", "c")),
        return_exceptions=True,
    )
    assert isinstance(results[2], sqlite3.IntegrityError)
    assert await db.read(names) == ["a", "b", "c"]


async def test_a_cancelled_caller_does_not_stop_the_writer(db: Database) -> None:
    waiting = asyncio.ensure_future(db.write(add("late")))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await db.write(add("next"))
    assert "next" in await db.read(names)


async def test_a_commit_that_the_disk_refuses_is_an_error_for_everybody_in_the_group(db: Database) -> None:
    def refuse(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA query_only=ON")
        connection.execute("INSERT INTO things VALUES ('x')")

    with pytest.raises((StoreUnavailable, sqlite3.OperationalError)):
        await db.write(refuse)
    assert await db.read(names) == []


async def test_close_finishes_what_was_queued(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "y.sqlite", TABLE)
    pending = [asyncio.ensure_future(database.write(add(str(n)))) for n in range(50)]
    await asyncio.gather(*pending)
    await database.close()
    with sqlite3.connect(tmp_path / "y.sqlite") as other:
        assert other.execute("SELECT count(*) FROM things").fetchone()[0] == 50
    other.close()


async def test_a_full_disk_is_told_as_such_and_hurts_only_those_who_wrote(tmp_path: Path) -> None:
    """Nothing of it was acknowledged; reading goes on, and so does writing once there is room again."""
    db = await Database.open(tmp_path / "x.sqlite", ("CREATE TABLE big (text TEXT) STRICT;",))
    await db.write(lambda connection: connection.execute("PRAGMA max_page_count=50").fetchone())
    fill = "INSERT INTO big SELECT hex(randomblob(2000000))"
    with pytest.raises(StoreUnavailable, match=r"cannot write .*full") as caught:
        await db.write(lambda connection: connection.execute(fill).rowcount)
    assert "free disk space" in str(caught.value.hint)
    assert await db.read(lambda connection: connection.execute("SELECT count(*) FROM big").fetchone()[0]) == 0
    await db.write(lambda connection: connection.execute("PRAGMA max_page_count=1000000").fetchone())
    await db.write(lambda connection: connection.execute(fill).rowcount)
    assert await db.read(lambda connection: connection.execute("SELECT count(*) FROM big").fetchone()[0]) == 1
    await db.close()


async def test_no_result_stays_in_memory_once_its_caller_has_it(db: Database) -> None:
    """A worker that waits for its next job must not hold the last one's."""

    class Large:
        pass

    def give(connection: sqlite3.Connection) -> Large:
        return Large()

    for submit in (db.write, db.read):
        gone = weakref.ref(await submit(give))
        async with asyncio.timeout(30):
            while gone() is not None:
                await asyncio.sleep(0)
