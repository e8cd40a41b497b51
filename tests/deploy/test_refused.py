"""Fleets that must not be deployed: refused with exit code 3, everything named, no host contacted."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.fleets import Run, finished, start


@pytest.fixture
def lonely() -> Iterator[socket.socket]:
    """An address where a connection would be noticed."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def refused(tmp_path: Path, lonely: socket.socket, gateways: dict[str, Any]) -> Run:
    """The run of a fleet with these gateways on one host, which nobody must have tried to reach."""
    connect = {"hostname": "127.0.0.1", "port": lonely.getsockname()[1]}
    fleet = tmp_path / "fleet.json5"
    fleet.write_text(json.dumps({"version": 1, "hosts": {"edge": {"connect": connect, "gateways": gateways}}}))
    done = finished(start(fleet, tmp_path, "deploy.py", "-y"))
    with pytest.raises(BlockingIOError):
        lonely.accept()
    return done


def test_every_collision_is_named_with_both_sides_before_any_contact(tmp_path: Path, lonely: socket.socket) -> None:
    """Port, state dir and workspace, all in one run, with an exit code of its own."""
    done = refused(
        tmp_path,
        lonely,
        {
            "a": {"port": 20000},
            "b": {"port": 20000, "stateDir": "~/.openclaw-a"},
            "c": {"workspace": "/srv/shared"},
            "d": {"workspace": "/srv/shared"},
        },
    )
    assert done.code == 3
    assert "port 20000 is used by both edge/a and edge/b" in done.stderr
    assert "state dir /home/openclaw/.openclaw-a is used by both edge/a and edge/b" in done.stderr
    assert "workspace /srv/shared is used by both edge/c and edge/d" in done.stderr


def test_a_typo_is_told_with_what_was_probably_meant(tmp_path: Path, lonely: socket.socket) -> None:
    """An unknown key never passes silently."""
    done = refused(tmp_path, lonely, {"a": {"prot": 20000}})
    assert done.code == 3
    assert "hosts.edge.gateways.a.prot: unknown key" in done.stderr
    assert "did you mean 'port'?" in done.stderr
    assert "Traceback" not in done.stderr
