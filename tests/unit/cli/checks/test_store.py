"""The database is of this release, and sound."""

from __future__ import annotations

from contextlib import closing

import pytest

from clawfleet.cli.checks.scene import Scene
from clawfleet.store.migrations import migrate
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import connect
from tests.unit.cli.checks.conftest import Look
from tests.unit.cli.conftest import Home

DATABASE = "gateway.sqlite"


@pytest.fixture(autouse=True)
def _deep(scene: Scene) -> None:
    scene.deep = True


def test_a_sound_one_and_none_at_all(home: Home, look: Look) -> None:
    for _ in range(2):
        assert look("store/version") == {}
        assert look("store/integrity") == {}
        migrate(home.store_dir / DATABASE, MIGRATIONS, connect)


def test_one_of_a_newer_release(home: Home, look: Look) -> None:
    migrate(home.store_dir / DATABASE, MIGRATIONS, connect)
    with closing(connect(home.store_dir / DATABASE)) as connection:
        connection.execute("PRAGMA user_version=9999")
    assert "9999" in look("store/version")["store.newer"].message


def test_a_file_that_is_no_database(home: Home, look: Look) -> None:
    home.store_dir.mkdir()
    (home.store_dir / DATABASE).write_bytes(b"no database" * 400)
    assert look("store/version")["store.damaged"].severity == "error"
    assert "store.damaged" in look("store/integrity")


def test_damage_inside_is_found(home: Home, look: Look) -> None:
    path = home.store_dir / DATABASE
    migrate(path, MIGRATIONS, connect)
    with closing(connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    data = bytearray(path.read_bytes())
    data[4096 + 200 : -4096] = b"\x55" * (len(data) - 2 * 4096 - 200)
    path.write_bytes(data)
    assert "store.damaged" in look("store/integrity")
