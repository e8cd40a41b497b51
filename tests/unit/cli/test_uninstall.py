"""What was asked for goes, the rest stays, and nobody is surprised."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clawfleet.host.lock import StateLock
from tests.support.fake_service import FakeDaemon
from tests.support.gateway import free_port
from tests.unit.cli.conftest import Home, OpenClaw

UNIT = """\
[Service]
ExecStart=/bin/sh gateway --port 18789
Environment=OPENCLAW_SERVICE_KIND=gateway
"""


@pytest.fixture(autouse=True)
def _filled(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clawfleet.host.service_search.SYSTEM_UNITS", home.root / "system")
    home.write_config('{gateway: {mode: "local"}}')
    home.store_dir.mkdir()
    (home.store_dir / "instance-id").write_text("one")
    (home.state_dir / "workspace").mkdir()


@pytest.fixture
def unit(home: Home) -> Path:
    file = home.root / ".config" / "systemd" / "user" / "openclaw-gateway.service"
    file.parent.mkdir(parents=True)
    file.write_text(UNIT)
    return file


def test_without_a_terminal_it_wants_to_know_what_and_a_yes(openclaw: OpenClaw, home: Home) -> None:
    assert "--service, --state, --workspace" in openclaw("uninstall").stderr
    assert "--yes" in openclaw("uninstall", "--all").stderr
    assert openclaw("uninstall", "--all", "--non-interactive").exit_code == 1
    assert home.config_path.exists()


def test_a_dry_run_names_everything_and_takes_nothing(openclaw: OpenClaw, home: Home, unit: Path) -> None:
    document = json.loads(openclaw("uninstall", "--all", "--dry-run", "--json").stdout)
    assert document["dryRun"] is True
    assert "openclaw-gateway.service" in document["notes"][0]
    assert str(home.config_path) in document["removed"]
    assert str(home.state_dir / "workspace") in document["removed"]
    assert unit.exists()
    assert home.config_path.exists()


def test_state_goes_and_workspaces_stay_unless_asked(openclaw: OpenClaw, home: Home) -> None:
    done = openclaw("uninstall", "--state", "--yes")
    assert done.exit_code == 0, done.output
    assert [path.name for path in home.state_dir.iterdir()] == ["workspace"]
    assert "Left, not ours or not asked for: ~/.openclaw/workspace" in done.stdout
    assert "pip uninstall clawfleet" in done.stdout
    openclaw("uninstall", "--state", "--workspace", "--yes")
    assert not home.state_dir.exists()


def test_a_service_that_would_start_it_again_is_in_the_way(openclaw: OpenClaw, home: Home, unit: Path) -> None:
    done = openclaw("uninstall", "--state", "--yes", "--json")
    assert json.loads(done.stdout)["error"]["code"] == "SERVICE_IN_THE_WAY"
    assert home.config_path.exists()


def test_a_running_gateway_keeps_its_state(openclaw: OpenClaw, home: Home) -> None:
    lock = StateLock.acquire(home.store_dir, port=19001, config_path=home.config_path)
    try:
        assert openclaw("uninstall", "--state", "--yes").exit_code == 1
    finally:
        lock.release()
    assert home.config_path.exists()


def test_the_service_and_its_gateway_go_first(openclaw: OpenClaw, home: Home, service: FakeDaemon) -> None:
    openclaw("gateway", "install", "--port", str(free_port()))
    document = json.loads(openclaw("uninstall", "--service", "--yes", "--json").stdout)
    assert document["notes"] == [
        "Stopped systemd service: openclaw-gateway.service",
        f"Removed systemd service: {service.file}",
    ]
    assert not service.file.exists()
    assert home.config_path.exists()
    assert openclaw("uninstall", "--all", "--yes").exit_code == 0
    assert not home.state_dir.exists()


def test_where_the_service_cannot_be_removed_the_state_stays(openclaw: OpenClaw, home: Home, unit: Path) -> None:
    done = openclaw("uninstall", "--all", "--yes")  # this test's environment has no systemctl
    assert done.exit_code == 1
    assert unit.exists()
    assert home.config_path.exists()


def test_another_supervisor_is_left_alone(openclaw: OpenClaw, home: Home, unit: Path) -> None:
    done = openclaw("uninstall", "--all", "--yes", OPENCLAW_SUPERVISOR_MODE="external")
    assert done.exit_code == 1
    assert unit.exists()
    assert home.config_path.exists()
