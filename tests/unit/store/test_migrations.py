"""Schema versions: forward with a backup, never backward."""

import sqlite3
from pathlib import Path

import pytest

from clawfleet.store.migrations import NewerState, StateUnreadable, migrate
from clawfleet.store.sqlite import connect

ONE = "CREATE TABLE one (x TEXT) STRICT;"
TWO = "CREATE TABLE two (x TEXT) STRICT;"


def tables(path: Path) -> set[str]:
    connection = sqlite3.connect(path)
    try:
        return {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    finally:
        connection.close()


def test_a_fresh_file_is_owner_only_and_gets_every_script(tmp_path: Path) -> None:
    path = tmp_path / "state" / "x.sqlite"
    migrate(path, (ONE, TWO), connect)
    assert tables(path) == {"one", "two"}
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_older_file_is_backed_up_then_brought_forward(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    migrate(path, (ONE,), connect)
    migrate(path, (ONE, TWO), connect)
    assert tables(path) == {"one", "two"}
    assert tables(tmp_path / "x.sqlite.v1.bak") == {"one"}


def test_a_newer_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    migrate(path, (ONE, TWO), connect)
    with pytest.raises(NewerState, match="schema version 2"):
        migrate(path, (ONE,), connect)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    path.write_text("hello, this is not a database at all" * 10)
    with pytest.raises(StateUnreadable, match=r"x\.sqlite"):
        migrate(path, (ONE,), connect)
