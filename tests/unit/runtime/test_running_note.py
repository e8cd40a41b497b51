"""What a running gateway tells the original's own commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from clawfleet.host.lock import LockInfo
from clawfleet.host.process import start_mark
from clawfleet.runtime.running_note import leave_note, note_path, take_note_away

INFO = LockInfo(
    pid=os.getpid(),
    owner_id="us",
    created_at_ms=1,
    config_path="/c.json",
    state_dir="/s",
    port=18789,
    started_at_ms=1,
    instance_id="i",
    version="1",
    alive=True,
)


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """Another process."""
    with subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_it_says_who_serves_where_and_goes_with_the_gateway(tmp_path: Path) -> None:
    leave_note(tmp_path, INFO)
    path = tmp_path / "tmp" / f"openclaw-{os.getuid()}" / "gateway.state.lock"
    note = json.loads(path.read_text(encoding="utf-8"))
    assert note.pop("createdAt").endswith("Z")
    assert note == {
        "pid": os.getpid(),
        "ownerId": "us",
        "cronOwnerProjection": "dynamic-default-v1",
        "configPath": "/c.json",
        "stateDir": str(tmp_path),
        "port": 18789,
        "startTime": start_mark(os.getpid()),
    }
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    take_note_away(tmp_path, INFO)
    assert not path.exists()


def write(path: Path, note: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(note), encoding="utf-8")


def test_the_note_of_a_gateway_that_lives_stays(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    note = {"pid": sleeper.pid, "ownerId": "node", "startTime": start_mark(sleeper.pid)}
    write(note_path(tmp_path), note)
    leave_note(tmp_path, INFO)
    take_note_away(tmp_path, INFO)
    assert json.loads(note_path(tmp_path).read_text(encoding="utf-8")) == note


@pytest.mark.parametrize("stale", [{"pid": 2**22 + 1}, {"pid": os.getppid(), "startTime": -1}, {}, [], "no"])
def test_a_note_that_nobody_stands_behind_is_replaced(tmp_path: Path, stale: object) -> None:
    write(note_path(tmp_path), stale)
    leave_note(tmp_path, INFO)
    assert json.loads(note_path(tmp_path).read_text(encoding="utf-8"))["ownerId"] == "us"


def test_another_port_is_told_anew(tmp_path: Path) -> None:
    for port in (1, 2):
        leave_note(tmp_path, replace(INFO, port=port))
    assert json.loads(note_path(tmp_path).read_text(encoding="utf-8"))["port"] == 2


def test_a_place_where_nothing_can_be_written_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "tmp").write_text("a file", encoding="utf-8")
    leave_note(tmp_path, INFO)
    take_note_away(tmp_path, INFO)
