"""The released scripts apply, and what they promise holds."""

import sqlite3
from pathlib import Path

from clawfleet.store.migrations import migrate
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import connect


def test_the_scripts_apply_and_deleting_a_session_deletes_what_was_said(tmp_path: Path) -> None:
    path = tmp_path / "gateway.sqlite"
    migrate(path, MIGRATIONS, connect)
    connection: sqlite3.Connection = connect(path)
    connection.execute(
        "INSERT INTO sessions (key, session_id, agent_id, created_at_ms, updated_at_ms) VALUES ('k','s','main',1,1)"
    )
    connection.execute("INSERT INTO entries VALUES ('s', 1, 'e', NULL, 1, '{}', NULL)")
    connection.execute("DELETE FROM sessions")
    assert connection.execute("SELECT count(*) FROM entries").fetchone()[0] == 0
    connection.close()
