"""The service verbs, with a manager that is a Python object and gateways that are real processes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from clawfleet.core.errors import ConfigError, GatewayError
from clawfleet.host import lifecycle
from clawfleet.host.lifecycle import HeldByOther, Lifecycle
from clawfleet.host.lock import LOCK_NAME, read_lock
from clawfleet.host.readiness import NotReady
from clawfleet.host.service_file import backup_of
from clawfleet.host.services import CannotSupervise, NotInstalled
from clawfleet.host.stopping import Pace, StillRunning
from tests.support.fake_service import FakeDaemon, StandInGateway

UNIT = b"[Service]\nExecStart=/bin/openclaw gateway\nTimeoutStopSec=1\n"
OTHER = UNIT.replace(b"/bin", b"/opt/bin")


class Host:
    """One instance with its verbs. `trouble` is what stands in the way, `told` what was said while waiting."""

    def __init__(self, root: Path) -> None:
        self.service = FakeDaemon(root / "openclaw-gateway.service", root / "clawfleet")
        self.told: list[str] = []
        self.trouble: GatewayError | None = None
        self.verbs = Lifecycle(self.service, self.service.store_dir, lambda: self.trouble, self.told.append)

    def install(self) -> None:
        self.verbs.install(UNIT, force=False)
        self.service.calls.clear()

    @property
    def pid(self) -> int:
        assert self.service.running is not None
        return self.service.running.pid


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    one = Host(tmp_path)
    yield one
    one.service.kill()


@pytest.fixture
def by_hand(host: Host) -> Iterator[StandInGateway]:
    """A gateway of the same state dir that no service runs."""
    gateway = StandInGateway(host.service.store_dir)
    yield gateway
    gateway.kill()


def test_install_registers_starts_and_waits(host: Host) -> None:
    outcome = host.verbs.install(UNIT, force=False)
    assert outcome.result == "installed"
    assert outcome.lines[0] == f"Installed systemd service: {host.service.file}"
    assert outcome.lines[1].endswith(f"(pid {host.pid})")
    assert host.service.file.read_bytes() == UNIT
    assert host.service.file.stat().st_mode & 0o777 == 0o600
    assert host.service.calls == ["load", "start"]


def test_a_second_install_changes_nothing(host: Host) -> None:
    host.install()
    before, stat = host.pid, host.service.file.stat()
    outcome = host.verbs.install(UNIT, force=False)
    assert outcome.result == "already-installed"
    assert outcome.lines == (
        "Gateway service already enabled.",
        "Reinstall with: openclaw gateway install --force",
    )
    assert host.service.calls == []
    assert (host.pid, host.service.file.stat().st_mtime_ns) == (before, stat.st_mtime_ns)


def test_a_second_install_says_when_the_file_is_outdated(host: Host) -> None:
    host.install()
    assert "not as this version would write it" in host.verbs.install(OTHER, force=False).lines[-1]
    assert host.service.file.read_bytes() == UNIT


def test_force_repairs_drift_and_keeps_the_former_file(host: Host) -> None:
    host.install()
    before = host.pid
    outcome = host.verbs.install(OTHER, force=True)
    assert f"Previous unit backed up to: {backup_of(host.service.file)}" in outcome.lines
    assert (host.service.file.read_bytes(), backup_of(host.service.file).read_bytes()) == (OTHER, UNIT)
    assert host.pid != before
    assert host.service.calls == ["load", "restart"]


def test_force_leaves_a_service_alone_that_is_as_it_should_be(host: Host) -> None:
    host.install()
    before = host.pid
    assert host.verbs.install(UNIT, force=True).lines[0].startswith("Kept systemd service")
    assert host.pid == before
    assert not backup_of(host.service.file).exists()


def test_a_file_that_is_there_and_not_loaded_is_loaded(host: Host) -> None:
    host.service.file.write_bytes(UNIT)
    assert host.verbs.install(UNIT, force=False).result == "installed"
    assert host.service.calls == ["load", "start"]


def test_nothing_is_written_where_no_service_can_be(host: Host) -> None:
    host.service.refuses = CannotSupervise("no systemd here")
    with pytest.raises(CannotSupervise):
        host.verbs.install(UNIT, force=False)
    assert not host.service.file.exists()


def test_start_returns_when_the_services_own_gateway_answers(host: Host) -> None:
    host.install()
    host.verbs.stop()
    outcome = host.verbs.start()
    assert (outcome.result, outcome.lines[0]) == ("started", "Started systemd service: openclaw-gateway.service")
    again = host.verbs.start()
    assert (again.result, again.lines) == ("already-running", (f"Gateway service already running (pid {host.pid}).",))


def test_start_does_not_try_what_cannot_work(host: Host) -> None:
    host.install()
    host.verbs.stop()
    host.service.calls.clear()
    host.trouble = ConfigError("config broken", hint="mend it")
    with pytest.raises(NotReady, match="Not started: config broken") as caught:
        host.verbs.start()
    assert (caught.value.hint, caught.value.exit_code) == ("mend it", 1)
    assert host.service.calls == []


def test_start_says_why_the_process_ended(host: Host) -> None:
    host.install()
    host.verbs.stop()
    host.service.behaviour = "exits 78"
    with pytest.raises(NotReady, match="exit 78"):
        host.verbs.start()


def test_start_brings_an_outdated_file_up_to_date(host: Host) -> None:
    host.install()
    host.verbs.stop()
    host.verbs.start(OTHER)
    assert host.service.file.read_bytes() == OTHER
    assert backup_of(host.service.file).read_bytes() == UNIT
    assert "written anew" in host.told[0]


def test_verbs_without_a_service(host: Host) -> None:
    for verb in (host.verbs.start, host.verbs.restart):
        with pytest.raises(NotInstalled, match="not installed"):
            verb()
    assert host.verbs.stop().result == "not-installed"
    assert host.verbs.uninstall().result == "not-installed"


def test_restart_replaces_the_process_and_the_file(host: Host) -> None:
    host.install()
    before = host.pid
    outcome = host.verbs.restart(OTHER)
    assert outcome.lines[0] == "Restarted systemd service: openclaw-gateway.service"
    assert host.pid != before
    assert host.service.calls == ["load", "restart"]
    assert host.service.file.read_bytes() == OTHER


def test_stop_is_done_when_the_process_is_gone_and_can_be_said_twice(host: Host) -> None:
    host.install()
    gateway = host.service.running
    outcome = host.verbs.stop()
    assert gateway is not None and gateway.has_ended()
    assert (outcome.result, outcome.lines) == ("stopped", ("Stopped systemd service: openclaw-gateway.service",))
    assert read_lock(host.service.store_dir) is None
    again = host.verbs.stop()
    assert (again.result, again.lines) == ("already-stopped", ("Gateway service already stopped.",))


def test_stop_with_disable_lasts(host: Host) -> None:
    host.install()
    assert "Disabled systemd service" in host.verbs.stop(disable=True).lines[-1]
    assert not host.service.is_loaded


def test_force_does_not_wait_for_running_turns(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.fake_service.ended", StandInGateway.hears_term)
    host.service.behaviour = "drains"
    host.install()
    assert host.verbs.stop(pace=Pace(force=True)).result == "stopped"


def test_a_drain_may_be_bounded(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.fake_service.ended", StandInGateway.hears_term)
    host.service.behaviour = "drains"
    host.install()
    assert host.verbs.stop(pace=Pace(drain_s=0.2)).result == "stopped"


def test_a_process_that_does_not_end_is_told(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.fake_service.ended", StandInGateway.hears_term)
    monkeypatch.setattr(lifecycle, "STOP_MARGIN_S", 0.2)
    host.service.behaviour = "drains"
    host.install()
    with pytest.raises(StillRunning, match=f"pid {host.pid} still runs after 1"):
        host.verbs.stop()
    assert "waiting for pid" in host.told[0]


def test_stop_also_ends_a_gateway_that_was_started_by_hand(host: Host, by_hand: StandInGateway) -> None:
    outcome = host.verbs.stop()
    assert by_hand.has_ended()
    assert outcome.lines == (f"Stopped gateway process: pid {by_hand.pid} on port {by_hand.port} (started by hand)",)


def test_the_service_does_not_start_beside_a_gateway_of_its_state_dir(host: Host, by_hand: StandInGateway) -> None:
    host.service.file.write_bytes(UNIT)
    for verb in (host.verbs.start, host.verbs.restart):
        with pytest.raises(HeldByOther, match=f"pid {by_hand.pid}") as caught:
            verb()
        assert caught.value.hint == "let the service take over: openclaw gateway takeover"
    assert not by_hand.has_ended()


def test_a_gateway_in_the_foreground_restarts_in_its_own_process(host: Host, by_hand: StandInGateway) -> None:
    outcome = host.verbs.restart()
    assert outcome.lines == (
        f"Gateway restart request sent to foreground process on port {by_hand.port}: {by_hand.pid}.",
        f"Gateway ready on port {by_hand.port} (pid {by_hand.pid})",
    )


def test_uninstall_leaves_nothing(host: Host) -> None:
    host.install()
    host.verbs.install(OTHER, force=True)
    host.service.calls.clear()
    outcome = host.verbs.uninstall()
    assert outcome.result == "uninstalled"
    assert outcome.lines == (
        "Stopped systemd service: openclaw-gateway.service",
        f"Removed systemd service: {host.service.file}",
    )
    assert host.service.calls == ["stop", "forget", "forget"]
    assert not host.service.file.exists()
    assert not backup_of(host.service.file).exists()


def test_a_gateway_with_a_broken_channel_is_started_and_told(host: Host) -> None:
    host.service.behaviour = "broken channel"
    assert "not everything works: telegram:default" in host.verbs.install(UNIT, force=False).lines[-1]


def test_a_manager_that_cannot_be_asked_is_not_gone_behind(
    host: Host, by_hand: StandInGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it runs would come back; what was started by hand is ended all the same."""
    host.service.file.write_bytes(UNIT)
    state = replace(host.service.state(), unreachable="no bus")
    monkeypatch.setattr(host.service, "state", lambda: state)
    host.service.refuses = CannotSupervise("no bus here")
    assert host.verbs.stop().result == "stopped"
    assert by_hand.has_ended()
    with pytest.raises(CannotSupervise, match="no bus here"):
        host.verbs.stop()


def test_a_gateway_that_cannot_be_seen_is_told(host: Host, by_hand: StandInGateway) -> None:
    """In a container the same state dir is locked by a pid that is nobody here."""
    note = host.service.store_dir / LOCK_NAME
    told = json.loads(note.read_text())
    note.write_text(json.dumps(told | {"startTime": told["startTime"] - 60_000}))
    with pytest.raises(HeldByOther, match="cannot be seen from here"):
        host.verbs.stop()
    assert not by_hand.has_ended()


def test_an_install_that_gets_not_ready_says_what_is_done_already(host: Host) -> None:
    host.trouble = ConfigError("port taken")
    with pytest.raises(NotReady, match=r"^Installed systemd service: .*\. Not started: port taken$"):
        host.verbs.install(UNIT, force=False)
    assert host.service.file.exists()
