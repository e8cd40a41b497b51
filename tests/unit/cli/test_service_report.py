"""What the page says about the service."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from clawfleet.cli.context import CliContext
from clawfleet.cli.service_report import ServiceReport, look_at_service, phase_text, service_lines, stranger_in_place
from clawfleet.core.errors import HostError
from clawfleet.host.definitions import Definition
from clawfleet.host.gateways import Occupant
from clawfleet.host.ports import PortOwner
from clawfleet.host.services import ServiceState
from tests.support.fake_service import FakeDaemon
from tests.support.gateway import free_port
from tests.unit.cli.conftest import Home, OpenClaw

STATE = ServiceState(
    "systemd user", "openclaw-gateway.service", "openclaw-gateway.service", Path("/u"), Definition(("/bin/sh",)),
    is_loaded=True, loaded_words=("enabled", "disabled"),
)  # fmt: skip
OWNER = PortOwner(59046, "openclaw-gateway", "ana", 1000, 0, "127.0.0.1:18789")
OLD = Occupant(18789, OWNER, "gateway", None, None)


def codes(home: Home) -> list[str]:
    return [item.code for item in look_at_service(CliContext(environ=home.environ, cwd=home.root)).drift]


@pytest.mark.parametrize(
    ("report", "text"),
    [
        (ServiceReport(None), "not installed"),
        (ServiceReport(replace(STATE, definition=None)), "not installed"),
        (ServiceReport(STATE), "systemd user (enabled) · loaded, not running"),
        (ServiceReport(replace(STATE, exit_code=78), "port taken"), "loaded, not running (exit 78: port taken)"),
        (ServiceReport(replace(STATE, pid=7)), "systemd user (enabled) · running"),
        (ServiceReport(replace(STATE, pid=7), "config broken"), "running, but does not serve (config broken)"),
        (ServiceReport(replace(STATE, unreachable="no bus")), "systemd user · installed, state unknown (no bus)"),
        (ServiceReport(replace(STATE, is_loaded=False)), "systemd user (disabled) · installed, not loaded"),
    ],
)
def test_the_states_in_words(report: ServiceReport, text: str) -> None:
    assert phase_text(report).endswith(text)


def test_the_process_that_answers_is_not_the_services() -> None:
    """Both pids, and the one command that mends it."""
    problem, mend = stranger_in_place(ServiceReport(replace(STATE, pid=64203)), OLD, Path("/home/ana"))
    assert problem == (
        "Port 18789 is held by pid 59046 (openclaw-gateway, started by hand), not by the service (pid 64203)."
    )
    assert mend == "Fix: openclaw gateway takeover"


def test_no_problem_without_a_service_or_with_its_own_process() -> None:
    home = Path("/home/ana")
    running = ServiceReport(replace(STATE, pid=59046))
    assert stranger_in_place(running, OLD, home) == ("", "")
    assert stranger_in_place(ServiceReport(None), OLD, home) == ("", "")
    assert stranger_in_place(running, None, home) == ("", "")
    assert stranger_in_place(ServiceReport(STATE), replace(OLD, kind="foreign"), home) == ("", "")


def test_a_gateway_of_another_service_is_mended_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clawfleet.cli.service_report.unit_of", lambda _: "other.service")
    problem, mend = stranger_in_place(ServiceReport(STATE), OLD, Path("/home/ana"))
    assert "run by other.service" in problem
    assert "systemctl --user disable --now other.service" in mend
    monkeypatch.setattr("clawfleet.cli.service_report.unit_of", lambda _: STATE.label)
    assert stranger_in_place(ServiceReport(STATE), OLD, Path("/home/ana")) == ("", "")


def test_what_is_registered_is_shown() -> None:
    definition = Definition(("/opt/a b/openclaw", "gateway"), {"OPENCLAW_GATEWAY_PORT": "1"})
    assert list(service_lines(ServiceReport(replace(STATE, definition=definition)), "~/u")) == [
        "Command: '/opt/a b/openclaw' gateway",
        "Service file: ~/u",
        "Service env: OPENCLAW_GATEWAY_PORT=1",
    ]
    assert list(service_lines(ServiceReport(None), "")) == []


def test_each_way_to_drift_is_told(openclaw: OpenClaw, service: FakeDaemon, home: Home) -> None:
    openclaw("gateway", "install", "--port", str(free_port()))
    assert codes(home) == []
    good = service.file.read_text()
    service.file.write_text(good.replace("TimeoutStartSec=90", "TimeoutStartSec=9"))
    assert codes(home) == ["outdated"]
    service.file.write_text(good.replace("Environment=HOME", "Environment=X_API_KEY=hunter2\nEnvironment=HOME"))
    assert codes(home) == ["secret-in-service", "outdated"]
    service.file.write_text(good.replace(str(home.config_path), "/other.json"))
    assert "config-path" in codes(home)
    program = next(line for line in good.splitlines() if line.startswith("ExecStart="))
    service.file.write_text(good.replace(program, "ExecStart=/gone/openclaw gateway --port 1"))
    assert codes(home)[:2] == ["program-missing", "port"]
    home.write_config("{ broken")
    assert codes(home) == ["program-missing"]


def test_a_host_that_can_have_no_service_has_none(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> FakeDaemon:
        raise HostError("a macOS service cannot be named so", hint="choose another name")

    monkeypatch.setattr("clawfleet.cli.service_report.own_service", refuse)
    report = look_at_service(CliContext(environ=home.environ, cwd=home.root))
    assert (report.state, report.hint, report.pid, report.definition) == (None, "choose another name", None, None)
