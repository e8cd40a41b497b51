"""One gateway from its first line of log to its last."""

import asyncio
import os
import signal
import sqlite3
from pathlib import Path

import pytest

from clawfleet.core.errors import HostError
from clawfleet.host.lock import read_lock
from clawfleet.runtime.gateway import run_gateway, running_gateway
from clawfleet.runtime.options import Ready, RunOptions
from tests.unit.runtime.conftest import MakeSetting, TakePlace


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_gateway_serves_until_it_is_told_to_stop_and_leaves_nothing_taken(
    setting: MakeSetting, tmp_path: Path, number: signal.Signals
) -> None:
    instance, snapshot = setting({"logging": {"file": str(tmp_path / "gateway.log")}})
    said: list[Ready] = []

    def ready(facts: Ready) -> None:
        said.append(facts)
        assert read_lock(instance.store_dir) is not None
        os.kill(os.getpid(), number)

    assert run_gateway(instance, snapshot, RunOptions(port=0, on_ready=ready)) == 0
    (facts,) = said
    assert (facts.model, facts.config_exists, facts.log_file) == ("demo/echo", True, tmp_path / "gateway.log")
    assert read_lock(instance.store_dir) is None
    log = facts.log_file.read_text()
    assert "ready: http://127.0.0.1:" in log
    assert "stopped cleanly" in log
    assert str(facts.token) not in log


def test_a_store_that_cannot_be_used_stops_the_start_and_leaves_nothing_taken(setting: MakeSetting) -> None:
    instance, snapshot = setting()
    instance.store_dir.mkdir()
    (instance.store_dir / "gateway.sqlite").write_text("this is no database, it is a text of some length " * 50)
    with pytest.raises(HostError) as caught:
        run_gateway(instance, snapshot, RunOptions(port=0))
    assert caught.value.exit_code == 78
    assert "gateway.sqlite" in caught.value.message
    assert read_lock(instance.store_dir) is None


async def test_the_parts_are_closed_whatever_happens(take: TakePlace) -> None:
    place = take()
    with pytest.raises(RuntimeError, match="on the way"):
        async with running_gateway(place, place.instance.state_dir / "x.log"):
            raise RuntimeError("on the way")
    with sqlite3.connect(place.instance.store_dir / "gateway.sqlite", timeout=1) as free:
        free.execute("BEGIN EXCLUSIVE")
    free.close()
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


async def test_the_gateway_knows_who_it_is(take: TakePlace) -> None:
    place = take({"agents": {"entries": {"ops": {"default": True}}}})
    async with running_gateway(place, place.instance.state_dir / "x.log") as running:
        vitals = running._gateway.vitals
        assert (vitals.port, vitals.pid, vitals.bind, vitals.auth_mode) == (
            place.port,
            os.getpid(),
            "loopback",
            "token",
        )
        assert vitals.instance_id == place.lock.info.instance_id != vitals.boot_id
        assert running._gateway.roster.default_id == "ops"
