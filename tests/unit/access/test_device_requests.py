"""Requests of devices, inside a transaction. What the store makes of them is in `test_devices`."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from clawfleet.access import device_requests as requests
from clawfleet.access.device_records import Ask, Traits
from clawfleet.store.migrations import migrate
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import connect

TRAITS = Traits("key", "linux", "Linux", "cli", "cli", "Laptop", "198.51.100.7")


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    migrate(tmp_path / "x.sqlite", MIGRATIONS, connect)
    found = connect(tmp_path / "x.sqlite")
    yield found
    found.close()


def test_a_request_comes_back_as_it_was_made(connection: sqlite3.Connection) -> None:
    asked = requests.ask_for(connection, Ask("d", "operator", ("a", "b"), TRAITS), is_repair=True, now=5)
    assert asked.is_new
    assert requests.of_device(connection, "d") == requests.find(connection, asked.request.request_id) == asked.request
    assert (asked.request.traits, asked.request.is_repair, asked.request.at_ms) == (TRAITS, True, 5)
    assert requests.take(connection, asked.request.request_id) == asked.request
    assert requests.take(connection, asked.request.request_id) is None


def test_the_same_ask_refreshes_what_is_shown_and_nothing_else(connection: sqlite3.Connection) -> None:
    first = requests.ask_for(connection, Ask("d", "operator", ("a",), TRAITS), is_repair=False, now=5)
    moved = Traits("key", "darwin", "Mac", "cli", "cli")
    again = requests.ask_for(connection, Ask("d", "operator", ("a",), moved), is_repair=False, now=9)
    assert not again.is_new
    assert (again.request.request_id, again.request.at_ms) == (first.request.request_id, 5)
    assert again.request.traits == moved
