from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from clawfleet.host.lock import LOCK_NAME, StateLock
from tests.unit.cli.checks.conftest import Look
from tests.unit.cli.conftest import FakeGateway, Home


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server


def note(home: Home, **over: object) -> None:
    home.store_dir.mkdir(exist_ok=True)
    row = {
        "pid": 999_999,
        "ownerId": "o",
        "createdAt": 1,
        "configPath": "c",
        "stateDir": str(home.state_dir),
        "port": 1,
    }
    (home.store_dir / LOCK_NAME).write_text(json.dumps({**row, "startTime": 1, **over}))


def test_a_lock_without_its_process_is_taken_away(home: Home, look: Look) -> None:
    assert look("gateway/lock") == {}
    note(home)
    assert "pid 999999" in look("gateway/lock")["lock.stale"].message
    assert look("gateway/lock", fix=True) == {}
    assert not (home.store_dir / LOCK_NAME).exists()


def test_a_lock_that_is_held_stays(home: Home, look: Look) -> None:
    lock = StateLock.acquire(home.store_dir, port=1, config_path=home.config_path)
    try:
        assert look("gateway/lock", fix=True) == {}
        assert (home.store_dir / LOCK_NAME).exists()
    finally:
        lock.release()


def test_a_stranger_on_the_port_is_named(home: Home, look: Look, listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    home.write_config(json.dumps({"gateway": {"mode": "local", "port": port}}))
    found = look("gateway/port-owner")["port.foreign_process"]
    assert found.severity == "error"
    assert "not a gateway" in found.message
    listener.close()
    assert look("gateway/port-owner") == {}


def test_another_gateway_on_the_port_is_told_from_a_stranger(home: Home, look: Look, fake: FakeGateway) -> None:
    home.write_config(json.dumps({"gateway": {"mode": "local", "port": fake.port}}))
    assert list(look("gateway/port-owner")) == ["port.other_gateway"]


def test_a_gateway_on_another_port_than_configured(home: Home, look: Look) -> None:
    home.write_config('{gateway: {mode: "local", port: 19123}}')
    assert look("gateway/port-moved") == {}
    lock = StateLock.acquire(home.store_dir, port=19124, config_path=home.config_path)
    try:
        assert "19124" in look("gateway/port-moved")["port.differs_from_config"].message
    finally:
        lock.release()


def test_a_gateway_of_another_version(home: Home, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = StateLock.acquire(home.store_dir, port=1, config_path=home.config_path)
    try:
        assert look("gateway/version") == {}
        monkeypatch.setattr("clawfleet.cli.checks.gateway.__version__", "9.9.9")
        assert "9.9.9" in look("gateway/version")["gateway.version_differs"].message
    finally:
        lock.release()
