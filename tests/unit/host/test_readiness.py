"""Waiting for the right gateway to answer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clawfleet.core.errors import ConfigError, GatewayError
from clawfleet.host import readiness
from clawfleet.host.lock import StateLock
from clawfleet.host.readiness import NotReady, answering, runs_in, wait_ready, wait_restarted
from tests.support.fake_service import FakeDaemon, StandInGateway


@pytest.fixture
def service(tmp_path: Path) -> Iterator[FakeDaemon]:
    fake = FakeDaemon(tmp_path / "openclaw-gateway.service", tmp_path / "clawfleet")
    fake.file.write_text("[Service]\nExecStart=/bin/openclaw gateway\n")
    yield fake
    fake.kill()


def nothing() -> GatewayError | None:
    return None


def test_a_gateway_that_answers_is_known_by_its_lock(service: FakeDaemon) -> None:
    service.start()
    found = wait_ready(service, service.store_dir, nothing)
    assert service.running is not None
    assert (found.pid, found.port, found.failing) == (service.running.pid, service.running.port, ())


def test_a_gateway_with_a_broken_channel_is_up(service: FakeDaemon) -> None:
    """One bad bot token must not keep a start from ending."""
    service.behaviour = "broken channel"
    service.start()
    assert wait_ready(service, service.store_dir, nothing).failing == ("telegram:default",)


def test_another_process_that_answers_is_not_enough(service: FakeDaemon, tmp_path: Path) -> None:
    other = StandInGateway(service.store_dir)
    try:
        with pytest.raises(NotReady, match=r"within 0\.5 s"):
            wait_ready(service, service.store_dir, nothing, limit_s=0.5)
        assert answering(service.store_dir) is not None
    finally:
        other.kill()


def test_a_service_that_gave_up_is_not_waited_for(service: FakeDaemon) -> None:
    service.behaviour = "exits 78"
    service.start()
    with pytest.raises(NotReady, match=r"loaded, not running \(exit 78\); it last said: its last words"):
        wait_ready(service, service.store_dir, nothing)


def test_what_stands_in_the_way_is_the_reason(service: FakeDaemon) -> None:
    service.behaviour = "exits 78"
    service.start()
    with pytest.raises(NotReady, match=r"port 1 is taken") as caught:
        wait_ready(service, service.store_dir, lambda: ConfigError("port 1 is taken", hint="free it"))
    assert caught.value.hint == "free it"


def test_a_process_that_waits_for_its_config_is_not_waited_for(
    service: FakeDaemon, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Under launchd it stays alive; the cause is found here."""
    monkeypatch.setattr(readiness, "DIAGNOSE_AFTER_S", 0.1)
    with pytest.raises(NotReady, match="config broken"):
        wait_ready(service, service.store_dir, lambda: ConfigError("config broken"), limit_s=20)


def test_a_lock_without_an_answer_is_no_gateway(tmp_path: Path) -> None:
    assert answering(tmp_path) is None
    lock = StateLock.acquire(tmp_path, port=1, config_path=tmp_path / "c")
    assert answering(tmp_path) is None
    lock.release()


def test_a_restart_in_place_is_another_round(service: FakeDaemon) -> None:
    gateway = StandInGateway(service.store_dir)
    try:
        before = answering(service.store_dir)
        assert before is not None
        with pytest.raises(NotReady, match="did not restart"):
            wait_restarted(service.store_dir, before.round_ms, limit_s=0.2)
        os.kill(gateway.pid, signal.SIGUSR2)
        assert wait_restarted(service.store_dir, before.round_ms).pid == gateway.pid
    finally:
        gateway.kill()


def test_a_wrappers_child_runs_in_the_service() -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import os; print(os.getpid())'])"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as outer:
        assert runs_in(outer.pid, outer.pid)
        assert runs_in(outer.pid, os.getpid())
        assert not runs_in(os.getpid(), outer.pid)
        assert not runs_in(outer.pid, None)
        outer.wait()
