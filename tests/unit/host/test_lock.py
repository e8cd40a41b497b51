"""One gateway per state directory."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clawfleet.host.lock import LOCK_NAME, GatewayRunning, StateLock, read_lock

HOLDER = """
import sys
from pathlib import Path
from clawfleet.host.lock import StateLock
lock = StateLock.acquire(Path(sys.argv[1]), port=19001, config_path=Path("/etc/openclaw.json"), instance_id="abc")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock of tmp_path/clawfleet."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "clawfleet")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout and process.stdin
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()


def acquire(store_dir: Path, port: int = 18789) -> StateLock:
    return StateLock.acquire(store_dir, port=port, config_path=Path("/c.json"))


def test_a_second_gateway_on_the_state_dir_is_refused_and_told_the_pid(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    with pytest.raises(GatewayRunning, match=rf"gateway already running \(pid {holder.pid}\) on port 19001") as caught:
        acquire(tmp_path / "clawfleet")
    assert caught.value.exit_code == 78
    assert caught.value.holder is not None
    assert caught.value.holder.instance_id == "abc"


def test_the_lock_of_a_killed_gateway_is_taken_over(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    """kill -9 leaves the file behind, not the lock."""
    holder.kill()
    holder.wait()
    left = read_lock(tmp_path / "clawfleet")
    assert left is not None
    assert (left.pid, left.alive) == (holder.pid, False)
    lock = acquire(tmp_path / "clawfleet")
    now = read_lock(tmp_path / "clawfleet")
    assert now is not None
    assert (now.pid, now.alive) == (os.getpid(), True)
    lock.release()


def test_the_note_has_the_keys_that_openclaw_writes(tmp_path: Path) -> None:
    lock = acquire(tmp_path / "s" / "clawfleet")
    path = tmp_path / "s" / "clawfleet" / LOCK_NAME
    note = json.loads(path.read_text())
    assert {"pid", "ownerId", "createdAt", "configPath", "stateDir", "port", "startTime"} <= set(note)
    assert note["stateDir"] == str(tmp_path / "s")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    lock.release()


def test_a_clean_end_leaves_no_file(tmp_path: Path) -> None:
    lock = acquire(tmp_path)
    lock.release()
    lock.release()
    assert not (tmp_path / LOCK_NAME).exists()
    assert read_lock(tmp_path) is None


def test_the_port_really_bound_is_noted(tmp_path: Path) -> None:
    lock = acquire(tmp_path, port=0)
    lock.move_to_port(40123)
    noted = read_lock(tmp_path)
    assert noted is not None
    assert noted.port == 40123
    assert noted == lock.info
    lock.release()


def test_a_shorter_note_leaves_nothing_of_the_longer_one(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).write_text("x" * 5000)
    lock = acquire(tmp_path)
    noted = read_lock(tmp_path)
    assert noted is not None
    assert noted.pid == os.getpid()
    lock.release()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x"}', "null"])
def test_a_note_that_cannot_be_read_is_no_note(tmp_path: Path, text: str) -> None:
    (tmp_path / LOCK_NAME).write_text(text)
    assert read_lock(tmp_path) is None
    acquire(tmp_path).release()


def test_a_released_lock_is_not_written_again(tmp_path: Path) -> None:
    lock = acquire(tmp_path)
    lock.release()
    with pytest.raises(ValueError, match="released"):
        lock.move_to_port(1)


@pytest.mark.parametrize("service", [None, "openclaw-gateway-ops.service"])
def test_the_note_says_which_service_runs_the_gateway(tmp_path: Path, service: str | None) -> None:
    lock = StateLock.acquire(tmp_path, port=18789, config_path=Path("/c.json"), service=service)
    noted = read_lock(tmp_path)
    assert noted is not None
    assert noted.service == service
    lock.release()


def test_a_note_from_before_services_were_noted_is_read(tmp_path: Path) -> None:
    lock = acquire(tmp_path)
    path = tmp_path / LOCK_NAME
    note = json.loads(path.read_text())
    del note["service"]
    path.write_text(json.dumps(note))
    old = read_lock(tmp_path)
    assert old is not None
    assert (old.pid, old.service) == (os.getpid(), None)
    lock.release()


def test_what_the_env_file_said_is_noted(tmp_path: Path) -> None:
    lock = StateLock.acquire(tmp_path, port=1, config_path=tmp_path / "c")
    before = read_lock(tmp_path)
    lock.note_env({"A": "digest"})
    after = read_lock(tmp_path)
    lock.release()
    assert before is not None and before.env_digests is None
    assert after is not None and after.env_digests == {"A": "digest"}
