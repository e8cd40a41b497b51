"""A registered service: whether it runs, where its file and the config disagree, and a second one of its kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from clawfleet.cli.service_report import Drift, ServiceReport
from clawfleet.host.definitions import Definition
from clawfleet.host.services import ServiceState
from tests.support.gateway import free_port
from tests.unit.cli.checks.conftest import Look
from tests.unit.cli.conftest import Home

UNIT = "[Service]\nExecStart={program} gateway --port 18789\nEnvironment=OPENCLAW_SERVICE_KIND=gateway HOME={home}\n"
STATE = ServiceState(
    "systemd user", "openclaw-gateway.service", "openclaw-gateway.service", Path("/u"), Definition(("/bin/sh",)),
    is_loaded=True, loaded_words=("enabled", "disabled"),
)  # fmt: skip
Report = Callable[[ServiceReport], None]


@pytest.fixture(autouse=True)
def _host(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clawfleet.host.service_search.SYSTEM_UNITS", home.root / "system")
    monkeypatch.setattr("clawfleet.host.service_search.PACKAGED_UNITS", ())
    monkeypatch.setattr("clawfleet.host.systemd.LINGER", home.root / "linger")


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch) -> Report:
    """Lets the service be as it is told."""

    def tell(told: ServiceReport) -> None:
        monkeypatch.setattr("clawfleet.cli.checks.scene.look_at_service", lambda _: told)

    return tell


def plant(home: Home, folder: str, more: str = "", program: str = "/bin/sh") -> None:
    file = home.root / folder / f"openclaw-gateway{more}.service"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(UNIT.format(program=program, home=home.root / more))


USER = ".config/systemd/user"


@pytest.mark.parametrize(
    ("state", "severity"),
    [
        (None, None),
        (replace(STATE, definition=None), None),
        (replace(STATE, pid=7), None),
        (STATE, "warning"),
        (replace(STATE, is_loaded=False), "warning"),
        (replace(STATE, exit_code=78), "error"),
        (replace(STATE, exit_signal="SIGKILL"), "error"),
    ],
)
def test_a_service_that_does_not_run(
    look: Look, report: Report, state: ServiceState | None, severity: str | None
) -> None:
    report(ServiceReport(state, hint="Fix: openclaw gateway start"))
    found = look("service/state")
    assert [finding.severity for finding in found.values()] == ([severity] if severity else [])
    assert all(finding.fix == "openclaw gateway start" for finding in found.values())


def test_one_that_somebody_stopped_is_only_a_note(look: Look, report: Report) -> None:
    report(ServiceReport(replace(STATE, exit_code=0), reason="stopped"))
    assert look("service/state")["service.not_running"].severity == "info"


def test_each_drift_is_a_finding_with_its_command(look: Look, report: Report) -> None:
    told = Drift("config-path", "config: service /a, command line /b: openclaw gateway install --force")
    report(ServiceReport(STATE, drift=(told,)))
    found = look("service/drift")["service.config_path"]
    assert found.fix == "openclaw gateway install --force"


def test_the_real_file_and_the_config_name_two_ports(home: Home, look: Look) -> None:
    plant(home, USER)
    home.write_config('{gateway: {mode: "local", port: 19333}}')
    found = look("service/drift")["service.port"]
    assert "18789" in found.message
    assert "19333" in found.message


def test_two_services_for_one_state_dir(home: Home, look: Look) -> None:
    plant(home, USER)
    assert look("service/twice") == {}
    plant(home, "system")
    assert look("service/twice")["service.duplicate"].severity == "error"


def test_a_user_service_without_linger(home: Home, look: Look, report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    report(ServiceReport(STATE))
    found = look("service/linger")["service.linger_off"]
    assert found.fix.startswith("sudo loginctl enable-linger ")
    (home.root / "linger").mkdir()
    (home.root / "linger" / found.path).touch()
    assert look("service/linger") == {}
    report(ServiceReport(replace(STATE, definition=None)))
    assert look("service/linger") == {}


def test_the_port_in_another_process_than_the_services(
    home: Home, look: Look, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.write_config(f"{{gateway: {{port: {free_port()}}}}}")
    report(ServiceReport(replace(STATE, pid=7)))
    assert look("service/holder") == {}
    told = ("Port 1 is held by pid 8, not by the service (pid 7).", "Fix: openclaw gateway takeover")
    monkeypatch.setattr("clawfleet.cli.checks.service.stranger_in_place", lambda *_: told)
    assert look("service/holder")["service.not_the_holder"].fix == "openclaw gateway takeover"


def test_other_services_of_the_host_are_looked_for_when_asked(
    home: Home, look: Look, scene: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(home, "system", "-old", program="/gone/openclaw")
    assert look("service/others") == {}
    monkeypatch.setattr(scene, "deep", True)
    assert list(look("service/others")) == ["service.other_broken"]
