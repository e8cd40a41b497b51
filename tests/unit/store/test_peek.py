"""Reading leaves a directory as it was, and sees what a writer has committed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from clawfleet.store.peek import peek
from clawfleet.store.sqlite import connect


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "a b?.sqlite"
    with closing(connect(path)) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.execute("INSERT INTO t VALUES (41)")
    return path


def test_nothing_is_left_behind(database: Path) -> None:
    before = sorted(database.parent.iterdir())
    with peek(database) as connection:
        assert connection.execute("SELECT x FROM t").fetchall() == [(41,)]
    assert sorted(database.parent.iterdir()) == before == [database]


def test_what_a_writer_committed_is_seen(database: Path) -> None:
    with closing(connect(database)) as writer:
        writer.execute("INSERT INTO t VALUES (42)")
        with peek(database) as connection:
            assert connection.execute("SELECT count(*) FROM t").fetchone() == (2,)


def test_nothing_can_be_written(database: Path) -> None:
    with pytest.raises(sqlite3.OperationalError), peek(database) as connection:
        connection.execute("DELETE FROM t")


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError), peek(tmp_path / "gone.sqlite") as connection:
        connection.execute("SELECT 1")
    assert list(tmp_path.iterdir()) == []
