"""What `gateway run --force` may end, and what not."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from clawfleet.host import takeover
from clawfleet.host.lock import LOCK_NAME
from clawfleet.host.process import find_process
from clawfleet.host.takeover import ForceRefused, end, in_the_way, unit_of
from tests.unit.host.conftest import STARTED, StartStandIn


def test_a_free_port_and_a_free_state_dir_need_no_force(tmp_path: Path) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert in_the_way(bound.getsockname()[1], tmp_path) == ()


def test_the_gateway_on_the_port_is_ended_by_sigterm(stand_in: StartStandIn, tmp_path: Path) -> None:
    other = stand_in(STARTED)
    (process,) = in_the_way(other.port, tmp_path)
    assert process.pid == other.pid
    assert end(process) == "SIGTERM"
    assert other.process.wait(30) != 0
    assert in_the_way(other.port, tmp_path) == ()


def test_the_gateway_of_the_state_dir_on_another_port_is_found_too(stand_in: StartStandIn, tmp_path: Path) -> None:
    port_holder = stand_in(STARTED)
    lock_holder = stand_in(STARTED, tmp_path / "clawfleet")
    found = in_the_way(port_holder.port, tmp_path / "clawfleet")
    assert {process.pid for process in found} == {port_holder.pid, lock_holder.pid}


def test_a_lock_of_another_pid_namespace_ends_nobody(stand_in: StartStandIn, tmp_path: Path) -> None:
    """A gateway in a container notes its own pid, which here belongs to somebody else."""
    holder, somebody = stand_in(STARTED, tmp_path / "clawfleet"), stand_in(None)
    note = tmp_path / "clawfleet" / LOCK_NAME
    told = json.loads(note.read_text(encoding="utf-8"))
    changed = told | {"pid": somebody.pid, "startTime": told["startTime"] - 60_000}
    note.write_text(json.dumps(changed), encoding="utf-8")
    assert {process.pid for process in in_the_way(holder.port, tmp_path / "clawfleet")} == {holder.pid}


def test_a_stranger_is_not_ended(stand_in: StartStandIn, tmp_path: Path) -> None:
    other = stand_in(None)
    with pytest.raises(ForceRefused, match=f"pid {other.pid}") as caught:
        in_the_way(other.port, tmp_path)
    assert caught.value.exit_code == 78
    assert other.process.poll() is None


def test_a_stranger_is_ended_when_the_operator_insists(stand_in: StartStandIn, tmp_path: Path) -> None:
    other = stand_in(None)
    (process,) = in_the_way(other.port, tmp_path, also_foreign=True)
    assert process.pid == other.pid


def test_a_gateway_that_ignores_sigterm_is_killed(
    stand_in: StartStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takeover, "TERM_WAIT_S", 0.2)
    other = stand_in(STARTED, stubborn=True)
    (process,) = in_the_way(other.port, tmp_path)
    assert end(process) == "SIGKILL"
    assert other.process.wait(30) == -9


def test_a_process_that_has_ended_meanwhile_is_left_alone(stand_in: StartStandIn, tmp_path: Path) -> None:
    """Its pid may belong to somebody else by now."""
    other = stand_in(STARTED)
    (process,) = in_the_way(other.port, tmp_path)
    other.process.kill()
    other.process.wait()
    assert end(process) == "SIGTERM"


def test_force_never_ends_the_process_that_asks(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert in_the_way(server.getsockname()[1], tmp_path, also_foreign=True) == ()
        assert find_process(os.getpid()) is not None


def test_more_patience_can_be_asked_for(stand_in: StartStandIn, tmp_path: Path) -> None:
    other = stand_in(STARTED, stubborn=True)
    (process,) = in_the_way(other.port, tmp_path)
    assert end(process, wait_s=0.1) == "SIGKILL"


def test_a_process_of_systemd_is_known_by_its_group_and_its_own_pid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shell below a service, a terminal's for one, is started by hand."""
    monkeypatch.setattr(takeover, "PROC", tmp_path)
    for pid, starter in ((7, 7), (8, 7)):
        (tmp_path / str(pid)).mkdir()
        (tmp_path / str(pid) / "cgroup").write_text("0::/user.slice/user@1000.service/app.slice/openclaw.service\n")
        (tmp_path / str(pid) / "environ").write_bytes(f"A=b\0SYSTEMD_EXEC_PID={starter}\0".encode())
    assert unit_of(7) == "openclaw.service"
    assert unit_of(8) is None
    assert unit_of(9) is None
