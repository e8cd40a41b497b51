"""`openclaw gateway restart`."""

from __future__ import annotations

import pytest

from clawfleet.cli.gateway_restart import pace_of, seconds_of
from clawfleet.core.errors import RequestError
from clawfleet.host.stopping import Pace
from tests.support.fake_service import FakeDaemon, StandInGateway
from tests.support.gateway import free_port
from tests.unit.cli.conftest import Home, OpenClaw


def test_a_changed_port_takes_effect(openclaw: OpenClaw, service: FakeDaemon) -> None:
    """The service's file is written anew, unless it shall stay."""
    old, new = free_port(), free_port()
    openclaw("gateway", "install", "--port", str(old))
    openclaw("config", "set", "gateway.port", str(new))
    assert f"on port {old}" in openclaw("gateway", "restart", "--preserve-definition").stdout
    result = openclaw("gateway", "restart")
    assert "Restarted systemd service: openclaw-gateway.service" in result.stdout
    assert f"on port {new}" in result.stdout
    assert "written anew" in result.stderr


@pytest.mark.parametrize("environ", [{}, {"OPENCLAW_SUPERVISOR_MODE": "external"}])
def test_a_gateway_without_a_service_restarts_in_place(
    openclaw: OpenClaw, service: FakeDaemon, home: Home, environ: dict[str, str]
) -> None:
    gateway = StandInGateway(home.store_dir)
    try:
        result = openclaw("gateway", "restart", **environ)
        assert f"sent to foreground process on port {gateway.port}: {gateway.pid}." in result.stdout
        assert not gateway.has_ended()
    finally:
        gateway.kill()


def test_without_any_gateway_it_says_what_to_do(openclaw: OpenClaw, service: FakeDaemon) -> None:
    result = openclaw("gateway", "restart")
    assert result.exit_code == 1
    assert "openclaw gateway install" in result.stderr


def test_a_unit_of_somebody_else_is_not_written_anew(openclaw: OpenClaw, service: FakeDaemon) -> None:
    """The original's, or a fleet's."""
    old = free_port()
    openclaw("gateway", "install", "--port", str(old))
    deployed = service.file.read_text().replace(
        "Environment=HOME", "Environment=OPENCLAW_SERVICE_REPAIR_POLICY=external\nEnvironment=HOME"
    )
    service.file.write_text(deployed)
    openclaw("config", "set", "gateway.port", str(free_port()))
    assert f"on port {old}" in openclaw("gateway", "restart").stdout
    assert service.file.read_text() == deployed


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("1h30m", 5400), ("500", 0.5), ("500ms", 0.5), ("2d", 172_800), ("0", 0)]
)
def test_durations(text: str, seconds: float) -> None:
    assert seconds_of(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "soon", "5x", "-3s", "1.5s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(RequestError):
        seconds_of(text)


def test_flags_say_how_running_turns_are_treated() -> None:
    def pace(*, force: bool = False, safe: bool = False, wait: str | None = None, skip_deferral: bool = False) -> Pace:
        return pace_of(force=force, safe=safe, wait=wait, skip_deferral=skip_deferral)

    assert pace() == pace(safe=True) == pace(wait="0") == Pace()
    assert pace(force=True) == pace(safe=True, skip_deferral=True) == Pace(force=True)
    assert pace(wait="2s") == Pace(drain_s=2)
    for wrong in ({"safe": True, "force": True}, {"force": True, "wait": "1s"}, {"skip_deferral": True}):
        with pytest.raises(RequestError):
            pace(**wrong)
