"""The machine, also where the system tells little."""

import os
import socket
from pathlib import Path

import pytest

from clawfleet.host import machine


def test_the_machine_is_looked_at(tmp_path: Path) -> None:
    seen = machine.look(tmp_path)
    assert seen.hostname == socket.gethostname()
    assert seen.disk.path == str(tmp_path) and seen.disk.total_bytes >= seen.disk.available_bytes > 0
    assert seen.memory_total_bytes > seen.memory_free_bytes
    assert seen.os_label.endswith(seen.release)


def test_without_proc_less_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "MEMINFO", tmp_path / "none")
    monkeypatch.setattr(machine, "CPUINFO", tmp_path / "none")
    monkeypatch.setattr("platform.processor", lambda: "")
    seen = machine.look(tmp_path)
    assert (seen.memory_free_bytes, seen.cpu_model) == (0, None)
    assert seen.memory_total_bytes > 0


def test_load_is_a_share_of_all_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    monkeypatch.setattr(os, "getloadavg", lambda: (1.0, 0.0, 0.0))
    assert machine.load_share() == 0.25
    monkeypatch.setattr(os, "getloadavg", lambda: (9.0, 0.0, 0.0))
    assert machine.load_share() == 1.0


@pytest.mark.parametrize("address", ["", "127.0.0.1"])
def test_without_a_network_there_is_no_address(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    class Socket:
        def __init__(self, *_: object) -> None: ...

        def __enter__(self) -> "Socket":
            return self

        def __exit__(self, *_: object) -> None: ...

        def connect(self, _: object) -> None:
            if not address:
                raise OSError("unreachable")

        def getsockname(self) -> tuple[str, int]:
            return address, 1

    monkeypatch.setattr(socket, "socket", Socket)
    assert machine.lan_address() is None
