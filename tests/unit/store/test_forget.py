"""What is forgotten is gone from the file, and nothing else is."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from clawfleet.store.forget import TABLES, CannotForget, forget
from clawfleet.store.migrations import migrate
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import connect


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "gateway.sqlite"
    migrate(path, MIGRATIONS, connect)
    with closing(connect(path)) as connection:
        connection.execute(
            "INSERT INTO sessions (key, session_id, agent_id, created_at_ms, updated_at_ms) "
            "VALUES ('k', 's', 'main', 1, 1)"
        )
        connection.execute(
            "INSERT INTO entries (session_id, seq, entry_id, at_ms, message) VALUES ('s', 1, 'e', 1, 'a-private-word')"
        )
        connection.execute("INSERT INTO pairing_approved VALUES ('telegram', 'default', '42', 1)")
    return path


def rows(path: Path, table: str) -> int:
    with closing(connect(path)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_conversations_go_without_a_trace_and_people_stay(database: Path) -> None:
    assert forget(database, ["sessions"]) == 1
    assert (rows(database, "sessions"), rows(database, "entries"), rows(database, "pairing_approved")) == (0, 0, 1)
    assert b"a-private-word" not in b"".join(file.read_bytes() for file in database.parent.iterdir())


def test_people_go_and_conversations_stay(database: Path) -> None:
    assert forget(database, ["credentials"]) == 1
    assert (rows(database, "entries"), rows(database, "pairing_approved")) == (1, 0)


def test_every_table_of_the_schema_is_somebodys_or_kept_on_purpose(database: Path) -> None:
    with closing(connect(database)) as connection:
        there = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    hanging = {"entries", "inputs"}
    kept = {"preferences"}
    named = {table for tables in TABLES.values() for table in tables}
    assert {name for name in there if "sqlite_" not in name} - named - hanging - kept == set()


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("no database, and long enough to be looked at as one" * 20)
    with pytest.raises(CannotForget):
        forget(tmp_path / "x", ["sessions"])


def test_an_older_schema_without_some_tables_is_fine(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "x")) as connection:
        connection.execute("CREATE TABLE sessions (key TEXT)")
    assert forget(tmp_path / "x", ["credentials", "sessions"]) == 0
