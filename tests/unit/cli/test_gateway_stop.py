"""`openclaw gateway stop`."""

from __future__ import annotations

from tests.support.fake_service import FakeDaemon, StandInGateway
from tests.support.gateway import free_port
from tests.unit.cli.conftest import Home, OpenClaw


def test_it_works_with_a_broken_config_and_twice(openclaw: OpenClaw, service: FakeDaemon, home: Home) -> None:
    openclaw("gateway", "install", "--port", str(free_port()))
    home.write_config("{ broken")
    assert openclaw("gateway", "stop", "--force").stdout == "Stopped systemd service: openclaw-gateway.service\n"
    assert openclaw("gateway", "stop").stdout == "Gateway service already stopped.\n"


def test_a_gateway_that_was_started_by_hand_is_stopped_too(openclaw: OpenClaw, service: FakeDaemon, home: Home) -> None:
    gateway = StandInGateway(home.store_dir)
    try:
        result = openclaw("gateway", "stop")
        assert f"Stopped gateway process: pid {gateway.pid} on port {gateway.port} (started by hand)" in result.stdout
        assert gateway.has_ended()
    finally:
        gateway.kill()


def test_disable_lasts(openclaw: OpenClaw, service: FakeDaemon) -> None:
    openclaw("gateway", "install", "--port", str(free_port()))
    assert "Disabled systemd service" in openclaw("gateway", "stop", "--disable").stdout
    assert not service.is_loaded
