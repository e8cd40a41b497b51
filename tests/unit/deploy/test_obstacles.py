"""What is in the way of a gateway."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

import obstacles

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads Linux's /proc")


class NoUnit:
    """A unit that is not running."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec

    def show(self) -> dict[str, str]:
        return {"MainPID": "0"}


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A gateway on a host where nothing of it exists yet."""
    monkeypatch.setattr(obstacles, "Unit", NoUnit)
    return {
        "scope": "system",
        "user": "root",
        "unit": "openclaw-gateway.service",
        "port": 1,
        "stamp": str(tmp_path / "records" / "applied.json"),
        "records": str(tmp_path / "records"),
        "otherUnit": str(tmp_path / "other.service"),
        "stateDir": str(tmp_path / "state"),
        "claims": [str(tmp_path / "openclaw.json"), str(tmp_path / ".env")],
    }


def test_a_free_place_has_none(spec: dict[str, Any]) -> None:
    """A fresh host."""
    assert list(obstacles.obstacles(spec)) == []


def test_data_that_the_recipes_did_not_put_there_is_not_overwritten(spec: dict[str, Any], tmp_path: Path) -> None:
    """Only a record of an earlier deploy makes it ours."""
    (tmp_path / ".env").write_text("KEY=of someone")
    (found,) = obstacles.obstacles(spec)
    assert found.startswith(f"{tmp_path / '.env'} exists and was not made by these recipes")
    (tmp_path / ".made").mkdir()
    (tmp_path / ".made" / "kept-records").touch()
    assert list(obstacles.obstacles(spec)) == []
    (tmp_path / ".made" / "kept-records").unlink()
    (tmp_path / "records").mkdir()
    assert list(obstacles.obstacles(spec)) == []


def test_a_unit_of_the_other_scope_is_an_obstacle(spec: dict[str, Any], tmp_path: Path) -> None:
    """Both would fight for port and state."""
    (tmp_path / "other.service").write_text("[Unit]")
    (tmp_path / "records").mkdir()
    (found,) = obstacles.obstacles(spec)
    assert "would fight" in found


def test_a_foreign_process_on_the_port_is_named(spec: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """With pid and command; the gateway's own process is none."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        spec["port"] = server.getsockname()[1]
        (found,) = obstacles.obstacles(spec)
        assert found.startswith(f"port {spec['port']} is held by pid {os.getpid()} (")
        monkeypatch.setattr(NoUnit, "show", lambda self: {"MainPID": str(os.getpid())})
        assert list(obstacles.obstacles(spec)) == []
