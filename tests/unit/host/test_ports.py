"""Who listens on a port."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Iterator

import pytest

from clawfleet.host import ports
from clawfleet.host.ports import (
    Listener,
    TableRow,
    is_held_by,
    is_taken,
    listeners,
    open_files,
    port_owner,
    read_lsof,
    read_table,
)


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_the_owner_of_a_port_is_this_process(listening: socket.socket) -> None:
    port = listening.getsockname()[1]
    assert listeners(port) == (Listener("127.0.0.1", port, os.getpid()),)
    owner = port_owner(port)
    assert owner is not None
    assert (owner.pid, owner.uid, owner.address) == (os.getpid(), os.getuid(), f"127.0.0.1:{port}")
    assert owner.command
    assert owner.started_at_ms > 0


def test_a_port_that_nobody_holds_has_no_owner() -> None:
    with socket.socket() as bound:  # bound but not listening: nobody else gets the port meanwhile
        bound.bind(("127.0.0.1", 0))
        assert port_owner(bound.getsockname()[1]) is None


def test_an_ipv6_listener_is_found_too() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
        port = server.getsockname()[1]
        assert [listener.shown for listener in listeners(port)] == [f"[::1]:{port}"]


def test_the_kernels_table_is_read_by_state_and_port() -> None:
    """Only LISTEN rows (0A) of that port; addresses are words in the machine's byte order."""
    local = "0100007F" if sys.byteorder == "little" else "7F000001"
    text = (
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
        f"   0: {local}:4965 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4242 1 0 100 0\n"
        f"   1: {local}:4965 {local}:D000 01 00000000:00000000 00:00000000 00000000  1000        0 4243 1 0 100 0\n"
        f"   2: 00000000:4966 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4244 1 0 100 0\n"
    )
    assert read_table(text, 18789) == [TableRow("127.0.0.1", "4242", 1000)]
    assert read_table(text, 18790) == [TableRow("0.0.0.0", "4244", 1000)]


def test_lsof_output_is_read_per_process() -> None:
    """Field output: p is a pid, n a name; a listener on all addresses is printed with a star."""
    assert read_lsof("p77\nf5\nn*:18789\np78\nf7\nn[::1]:18789\n", 18789) == [
        Listener("0.0.0.0", 18789, 77),
        Listener("::1", 18789, 78),
    ]


@pytest.mark.skipif(shutil.which("lsof") is None, reason="lsof is not installed")
def test_lsof_finds_the_same_listener(listening: socket.socket) -> None:
    port = listening.getsockname()[1]
    assert list(ports._from_lsof(port)) == [Listener("127.0.0.1", port, os.getpid())]


def test_open_files_of_a_process_are_named() -> None:
    with open(__file__) as file:  # noqa: PTH123  # any open file will do
        assert os.path.realpath(file.name) in open_files(os.getpid())


def test_the_open_files_of_nobody_are_none() -> None:
    assert open_files(2**22 + 1) == []


def test_a_port_is_taken_only_while_somebody_listens(listening: socket.socket) -> None:
    port = listening.getsockname()[1]
    assert is_taken(port)
    assert not is_taken(port, "127.0.0.2"), "another address of this machine is free"
    listening.close()
    assert not is_taken(port)
    assert not is_taken(0)


def test_a_process_holds_its_own_port_and_no_other_does(listening: socket.socket) -> None:
    port = listening.getsockname()[1]
    assert is_held_by(os.getpid(), port) is True
    assert is_held_by(os.getppid(), port) is False
    assert is_held_by(2**22 + 1, port) is None, "a process that cannot be looked at"
    listening.close()
    assert is_held_by(os.getpid(), port) is None


def test_a_port_of_another_address_is_not_the_one_that_commands_reach() -> None:
    with socket.create_server(("127.0.0.2", 0)) as server:
        assert is_held_by(os.getpid(), server.getsockname()[1]) is None


def test_the_socket_tells_whose_it_is_also_when_its_process_is_hidden(
    listening: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "_socket_owners", lambda _: {})
    owner = port_owner(listening.getsockname()[1])
    assert owner is not None
    assert (owner.pid, owner.uid) == (None, os.getuid())
