"""What is in the way of a gateway."""

from __future__ import annotations

import os
import platform
import socket
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import obstacles

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads Linux's /proc")

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


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
        "adopt": False,
        "unit": "openclaw-gateway.service",
        "port": 1,
        "stamp": str(tmp_path / "records" / "applied.json"),
        "records": str(tmp_path / "records"),
        "otherUnit": str(tmp_path / "other.service"),
        "stateDir": str(tmp_path / "state"),
        "claims": [str(tmp_path / "g.service"), str(tmp_path / "openclaw.json"), str(tmp_path / ".env")],
    }


class Room:
    """What statvfs tells of a file system with 100 MiB free."""

    f_bavail, f_frsize = 100, 2**20

    def __init__(self, flag: int = 0) -> None:
        self.f_flag = flag


def test_a_disk_that_is_too_small_is_named_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies on the file system of / is counted there; a place that is not there yet counts as what is above it."""
    monkeypatch.setattr(os, "statvfs", lambda path: Room())
    (found,) = obstacles.disk_findings(["/not-there/releases", "/not-there/state"])
    assert found["message"] == "only 100 MiB of disk are free at /, 2048 are wanted"
    assert found["hint"] == "make room there: df -h /"
    monkeypatch.setattr(os, "statvfs", lambda path: Room(os.ST_RDONLY))
    (found,) = obstacles.disk_findings(["/not-there"])
    assert found["message"] == "/ is mounted read-only"


def test_a_state_dir_may_do_with_less_than_a_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each place on a file system of its own."""
    devices = {"/": 1, "/proc": 2, "/dev": 3}
    monkeypatch.setattr(os, "statvfs", lambda path: Room())
    real = Path.stat

    def stat(path: Path, **how: bool) -> object:
        found = real(path, **how)
        number = devices.get(str(path))
        return found if number is None else os.stat_result((*found[:2], number, *found[3:10]))

    monkeypatch.setattr(Path, "stat", stat)
    told = [found["message"] for found in obstacles.disk_findings(["/proc", "/dev"])]
    assert told == [
        "only 100 MiB of disk are free at /, 2048 are wanted",
        "only 100 MiB of disk are free at /proc, 512 are wanted",
    ]


def test_a_free_place_has_none(spec: dict[str, Any]) -> None:
    """A fresh host."""
    assert list(obstacles.obstacles(spec)) == []


def test_data_that_the_recipes_did_not_put_there_is_not_overwritten(spec: dict[str, Any], tmp_path: Path) -> None:
    """Only a record of an earlier deploy makes it ours."""
    (tmp_path / ".env").write_text("KEY=of someone")
    (found,) = obstacles.obstacles(spec)
    assert found.startswith(f"{tmp_path / '.env'} exists and was not made by these recipes")
    assert "`adopt: true`" in found
    assert list(obstacles.obstacles({**spec, "adopt": True})) == []
    (tmp_path / ".made").mkdir()
    (tmp_path / ".made" / "kept-records").touch()
    assert list(obstacles.obstacles(spec)) == []
    (tmp_path / "g.service").write_text("[Unit]")  # an uninstall leaves data and no unit: somebody went back to theirs
    assert len(list(obstacles.obstacles(spec))) == 2
    (tmp_path / "g.service").unlink()
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


def test_a_state_dir_in_use_by_another_process_is_named(
    spec: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gateway that somebody runs by hand, on another port."""
    lock = tmp_path / "state" / "clawfleet" / "gateway.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    inode = lock.stat().st_ino
    monkeypatch.setattr(obstacles, "LOCKS", tmp_path / "locks")
    (tmp_path / "locks").write_text(f"1: FLOCK  ADVISORY  WRITE {os.getpid()} 08:01:{inode} 0 EOF\n2: POSIX x\n")
    found = list(obstacles.lock_holders(spec))
    assert len(found) == 1 and f"is in use by pid {os.getpid()} " in found[0]
    (tmp_path / "locks").write_text(f"1: FLOCK  ADVISORY  WRITE {os.getpid()} 08:01:{inode + 1} 0 EOF\n")
    assert list(obstacles.lock_holders(spec)) == []


def test_a_state_dir_of_another_user_is_an_obstacle(spec: dict[str, Any], tmp_path: Path) -> None:
    """B4: whoever owns it would lose it, or read the gateway's secrets."""
    (tmp_path / "state").mkdir()
    (found,) = obstacles.obstacles({**spec, "user": "daemon"})
    assert f"{tmp_path / 'state'} belongs to root and not to daemon" in found


@pytest.mark.parametrize(
    ("order", "told"),
    [
        ({"now": 0}, "error B5 the clock differs from yours"),
        ({"platforms": ["2.7 VMS vax"]}, "error B5 the wheelhouse is for Python 2.7 VMS vax, this host has"),
        ({"platforms": [f"{PYTHON} Linux {platform.machine()} 9.99"]}, "error B5 the wheels need glibc 9.99 or newer"),
        ({"all": [{"memoryMax": "900T"}]}, "warning B5 the gateways may use"),
    ],
)
def test_a_host_that_cannot_carry_them_is_named(
    order: dict[str, Any], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B5: clock, wheels, memory."""
    monkeypatch.setattr(obstacles, "disk_findings", lambda _: iter(()))
    fine = {"now": time.time(), "platforms": [], "gateways": [], "all": [{"memoryMax": "infinity"}]}
    assert list(obstacles.host_findings(fine)) == []
    (found,) = obstacles.host_findings(fine | order)
    assert f"{found['level']} {found['check']} {found['message']}".startswith(told)
