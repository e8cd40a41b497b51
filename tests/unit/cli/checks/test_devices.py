"""Who waits, and a device token that its gateway does not know any more."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from clawfleet.access.device_tokens import digest_of
from clawfleet.cli.checks.scene import Scene
from clawfleet.cli.device import issued_places, keep_token
from clawfleet.core.clock import now_ms
from clawfleet.store.migrations import migrate
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import connect
from tests.unit.cli.checks.conftest import Look
from tests.unit.cli.conftest import Home

PLACE = "ws://127.0.0.1:18789 one"


@pytest.fixture
def database(home: Home) -> sqlite3.Connection:
    migrate(home.store_dir / "gateway.sqlite", MIGRATIONS, connect)
    (home.store_dir / "instance-id").write_text("one\n")
    return connect(home.store_dir / "gateway.sqlite")


def test_nobody_waits_where_no_gateway_ever_ran(look: Look) -> None:
    assert look("devices/waiting") == {}
    assert look("devices/own-tokens") == {}


def test_devices_and_people_who_wait_are_counted(look: Look, database: sqlite3.Connection) -> None:
    with closing(database):
        database.execute(
            "INSERT INTO device_requests (request_id, device_id, role, roles, scopes, is_repair, at_ms, public_key,"
            " platform, client_id, client_mode) VALUES ('r', 'd', 'operator', '[]', '[]', 0, ?, 'k', 'p', 'c', 'm')",
            (now_ms(),),
        )
        for sender, at_ms in (("1", now_ms()), ("2", 1)):
            row = ("telegram", "default", sender, f"CODE{sender}", "{}", at_ms, at_ms)
            database.execute("INSERT INTO pairing_requests VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    found = look("devices/waiting")
    assert found["devices.waiting"].message.startswith("1 device")
    assert found["pairing.waiting"].message.startswith("1 person")


def test_a_stale_device_token_is_forgotten_once(scene: Scene, look: Look, database: sqlite3.Connection) -> None:
    folder = scene.place.identity_dir
    keep_token(folder, PLACE, {"role": "operator", "deviceToken": "a-device-token"})
    keep_token(folder, "wss://elsewhere other", {"role": "operator", "deviceToken": "another"})
    found = look("devices/own-tokens")["devices.token_mismatch"]
    assert "a-device-token" not in repr(found)
    with closing(database):
        database.execute(
            "INSERT INTO devices (device_id, public_key, platform, client_id, client_mode, roles, scopes, approved_via,"
            " created_at_ms, approved_at_ms) VALUES ('d', 'k', 'p', 'c', 'm', '[]', '[]', 'owner', 1, 1)"
        )
        row = ("d", "operator", "[]", "s", digest_of("a-device-token"), 1, None, None, None)
        database.execute("INSERT INTO device_tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        assert look("devices/own-tokens") == {}
        database.execute("UPDATE device_tokens SET revoked_at_ms = 1")
        assert look("devices/own-tokens", fix=True) == {}
    assert issued_places(folder) == [("wss://elsewhere other", "operator")]


def test_an_identity_that_is_none_is_an_error(scene: Scene, look: Look, database: sqlite3.Connection) -> None:
    database.close()
    folder = scene.place.identity_dir
    folder.mkdir(exist_ok=True)
    (folder / "device-auth.json").write_text("{")
    assert look("devices/own-tokens")["devices.identity_unusable"].severity == "error"
