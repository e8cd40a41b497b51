"""What holds a port: this gateway, another gateway, or something else."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from clawfleet.host.gateways import ask_startup, explain_port_in_use, find_occupant, lock_held_by
from tests.unit.host.conftest import STARTED, StartStandIn


def test_a_gateway_of_this_state_dir_is_recognised_by_its_lock(stand_in: StartStandIn, tmp_path: Path) -> None:
    """Also when it hangs and answers nothing: the kernel says who holds the lock."""
    other = stand_in(None, tmp_path / "clawfleet")
    error = explain_port_in_use(other.port, store_dir=tmp_path / "clawfleet")
    assert error.occupant is not None
    assert error.occupant.kind == "own"
    assert error.exit_code == 78
    assert f"pid {other.pid}" in error.message
    assert f"the gateway of this state dir is already listening on ws://127.0.0.1:{other.port}" in error.message
    assert "since 20" in error.message
    assert error.hint is not None
    assert "gateway status" in error.hint


def test_another_gateway_is_named_with_its_state_dir(stand_in: StartStandIn, tmp_path: Path) -> None:
    other = stand_in(STARTED, tmp_path / "other" / "clawfleet")
    error = explain_port_in_use(other.port, store_dir=tmp_path / "mine" / "clawfleet")
    assert error.occupant is not None
    assert error.occupant.kind == "gateway"
    assert "another gateway instance is already listening" in error.message
    assert f"state dir {tmp_path / 'other'}" in error.message


def test_a_gateway_without_our_lock_is_recognised_by_its_answer(stand_in: StartStandIn, tmp_path: Path) -> None:
    other = stand_in(STARTED)
    error = explain_port_in_use(other.port, store_dir=tmp_path)
    assert error.occupant is not None
    assert error.occupant.kind == "gateway"
    assert "version 2026.9.6" in error.message
    assert error.hint is not None
    assert f"--port {other.port + 120}" in error.hint or f"--port {other.port - 120}" in error.hint


@pytest.mark.parametrize("answer", [None, {"hello": 1}, {"ok": True, "status": "fine"}, [1]])
def test_a_stranger_is_called_a_stranger(stand_in: StartStandIn, tmp_path: Path, answer: object) -> None:
    other = stand_in(answer)
    error = explain_port_in_use(other.port, store_dir=tmp_path)
    assert error.occupant is not None
    assert error.occupant.kind == "foreign"
    assert f"Port {other.port} is already in use by pid {other.pid}" in error.message
    assert "not an OpenClaw gateway" in error.message


def test_a_port_that_was_freed_meanwhile_is_said_so(tmp_path: Path) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        error = explain_port_in_use(port, store_dir=tmp_path)
        assert error.occupant is None
        assert "nobody listens" in error.message
        assert find_occupant(port, store_dir=tmp_path) is None


def test_a_listener_that_never_answers_is_given_up_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert ask_startup(f"127.0.0.1:{server.getsockname()[1]}", timeout_s=0.05) is None


def test_a_process_without_a_lock_holds_none() -> None:
    assert lock_held_by(os.getpid()) is None


def test_a_lock_file_that_is_merely_open_proves_nothing(stand_in: StartStandIn, tmp_path: Path) -> None:
    """`cat gateway.lock` must not make cat a gateway."""
    stand_in(None, tmp_path / "clawfleet")
    with (tmp_path / "clawfleet" / "gateway.lock").open():
        assert lock_held_by(os.getpid()) is None
