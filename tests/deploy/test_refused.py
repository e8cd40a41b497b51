"""Fleets that must not be deployed: refused with exit code 3, everything named, no host contacted."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.fleets import Run, finished, start
from tests.support.pace import timed


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


def openclaw(*words: str, **environ: str) -> Run:
    """A finished `openclaw fleet <words>`."""
    program = Path(sys.executable).with_name("openclaw")
    process = subprocess.Popen(
        [program, "fleet", *words],
        env=os.environ | environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    return finished(process)


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


def test_two_hundred_gateways_are_checked_in_less_than_a_second(tmp_path: Path) -> None:
    """The processor's time for all but the first, as other programs may run meanwhile. Every clash is found."""
    hosts: dict[str, Any] = {
        f"h{number:02}": {
            "connect": {"hostname": f"10.0.0.{number}"},
            "gateways": {f"g{each}": {} for each in range(4)},
        }
        for number in range(50)
    }
    hosts["h49"]["gateways"]["g3"] = {"port": 18789, "secrets": {"TELEGRAM_BOT_TOKEN": "env:ONE"}}
    hosts["h00"]["gateways"]["g0"] = {"secrets": {"TELEGRAM_BOT_TOKEN": "env:OTHER"}}
    fleet = tmp_path / "fleet.json5"
    fleet.write_text(json.dumps({"version": 1, "hosts": {"h": {"connect": {}, "gateways": {"g": {}}}}}))
    with timed() as one:
        assert openclaw("check", "--fleet", str(fleet)).code == 0
    fleet.write_text(json.dumps({"version": 1, "hosts": hosts}))
    with timed() as all_of_them:
        done = openclaw("check", "--fleet", str(fleet), ONE="12345:same", OTHER="12345:same")
    assert done.code == 3
    assert "h00/g0 (TELEGRAM_BOT_TOKEN) and h49/g3 (TELEGRAM_BOT_TOKEN) log in with the same bot token" in done.stderr
    assert "12345:same" not in done.stderr + done.stdout
    assert all_of_them.work_s - one.work_s < 1


def test_the_verbs_that_only_look_refuse_such_a_fleet_too(tmp_path: Path, lonely: socket.socket) -> None:
    """With the same exit code, and as one document for programs; nobody is contacted."""
    connect = {"hostname": "127.0.0.1", "port": lonely.getsockname()[1]}
    gateways = {"a": {"port": 20000}, "b": {"port": 20000}}
    fleet = tmp_path / "fleet.json5"
    fleet.write_text(json.dumps({"version": 1, "hosts": {"edge": {"connect": connect, "gateways": gateways}}}))
    for verb in ("check", "plan", "drift", "deploy"):
        done = openclaw(verb, "--fleet", str(fleet), "--json")
        assert done.code == 3
        assert "A1" in [problem["check"] for problem in done.document["problems"]]
    with pytest.raises(BlockingIOError):
        lonely.accept()
