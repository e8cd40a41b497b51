"""`openclaw gateway takeover`: the one command that mends a port held by the wrong gateway."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from clawfleet.host.services import CannotSupervise
from tests.support.fake_service import FakeDaemon, StandInGateway
from tests.support.gateway import free_port
from tests.unit.cli.conftest import Home, OpenClaw

PORT = "clawfleet.cli.gateway_takeover"


@pytest.fixture
def stale(openclaw: OpenClaw, service: FakeDaemon, home: Home, tmp_path: Path) -> Iterator[StandInGateway]:
    """A gateway of another state dir on the port of the installed service, which is stopped."""
    port = free_port()
    assert openclaw("gateway", "install", "--port", str(port)).exit_code == 0
    openclaw("gateway", "stop")
    gateway = StandInGateway(tmp_path / ".openclaw-old" / "clawfleet", port)
    yield gateway
    gateway.kill()


def test_the_stale_gateway_goes_and_the_service_comes(
    openclaw: OpenClaw, service: FakeDaemon, stale: StandInGateway
) -> None:
    before = openclaw("gateway", "start")
    assert before.exit_code == 1
    assert f"already listening on ws://127.0.0.1:{stale.port}: pid {stale.pid}" in before.stderr
    assert "let the service take over: openclaw gateway takeover" in before.stderr

    explained = openclaw("gateway", "status", "--no-probe").stdout.splitlines()
    assert explained[0].startswith(f"✗ Port {stale.port} is held by pid {stale.pid} (")
    assert "state ~/.openclaw-old, started by hand" in explained[0]
    assert "not by the service (loaded, not running (exit 0))" in explained[0]
    assert explained[1] == "  Fix: openclaw gateway takeover"

    result = openclaw("gateway", "takeover")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(f"Ended pid {stale.pid} (")
    assert "with SIGTERM" in result.stdout
    assert "Started systemd service" in result.stdout
    assert stale.has_ended()
    assert service.running is not None
    assert "✗" not in openclaw("gateway", "status", "--no-probe").stdout


def test_nothing_in_the_way_is_no_mistake(openclaw: OpenClaw, service: FakeDaemon) -> None:
    openclaw("gateway", "install", "--port", str(free_port()))
    result = openclaw("gateway", "takeover")
    assert result.exit_code == 0
    assert result.stdout.startswith("Nothing is in the way of the service.\nGateway service already running")


def test_without_a_service_nothing_is_ended(openclaw: OpenClaw, service: FakeDaemon, home: Home) -> None:
    gateway = StandInGateway(home.store_dir)
    try:
        assert openclaw("gateway", "takeover").exit_code == 1
        assert not gateway.has_ended()
    finally:
        gateway.kill()


def test_a_gateway_of_another_service_is_not_ended(
    openclaw: OpenClaw, stale: StandInGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would come back, and the two would fight."""
    monkeypatch.setattr(f"{PORT}.unit_of", lambda _: "other.service")
    result = openclaw("gateway", "takeover")
    assert result.exit_code == 1
    assert "is run by other.service, which would start it again" in result.stderr
    assert not stale.has_ended()


def test_the_gateway_of_our_own_state_dir_goes_too(openclaw: OpenClaw, service: FakeDaemon, home: Home) -> None:
    openclaw("gateway", "install", "--port", str(free_port()))
    openclaw("gateway", "stop")
    by_hand = StandInGateway(home.store_dir)
    try:
        assert "openclaw gateway takeover" in openclaw("gateway", "start").stderr
        assert openclaw("gateway", "takeover").exit_code == 0
        assert by_hand.has_ended()
    finally:
        by_hand.kill()


def test_nothing_is_ended_where_the_service_cannot_be_started(
    openclaw: OpenClaw, service: FakeDaemon, stale: StandInGateway
) -> None:
    service.refuses = CannotSupervise("no bus here")
    assert openclaw("gateway", "takeover").exit_code == 1
    assert not stale.has_ended()
