"""Whose service is whose."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from clawfleet.config.env import Instance, resolve_instance
from clawfleet.host import service_search
from clawfleet.host.service_search import all_services, find_own, named_alike, others, own_service
from clawfleet.host.systemd import SystemdUnit, user_units
from clawfleet.host.unit_templates import read_unit_template
from clawfleet.host.units import render_unit
from tests.unit.host.test_units import SPEC


@pytest.fixture(autouse=True)
def linux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Linux host without units of its own."""
    monkeypatch.setattr(service_search, "PLATFORM", "linux")
    monkeypatch.setattr(service_search, "SYSTEM_UNITS", tmp_path / "system")
    monkeypatch.setattr(service_search, "PACKAGED_UNITS", (tmp_path / "packaged",))
    monkeypatch.setattr("clawfleet.host.service_search.os.geteuid", lambda: 1000)


def instance(home: Path, profile: str | None = None, **environ: str) -> Instance:
    return resolve_instance(profile=profile, environ={"HOME": str(home)} | environ, cwd=home)


def unit(folder: Path, name: str, state_dir: Path | str, **change: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    spec = replace(SPEC, unit=name, state_dir=str(state_dir), **change)  # type: ignore[arg-type]
    file = folder / name
    file.write_text(render_unit(read_unit_template("user"), spec))
    return file


@pytest.mark.parametrize(
    ("profile", "environ", "label"),
    [
        (None, {}, "openclaw-gateway.service"),
        ("ops", {}, "openclaw-gateway-ops.service"),
        (None, {"OPENCLAW_SYSTEMD_UNIT": "mine"}, "mine.service"),
        (None, {"OPENCLAW_SYSTEMD_UNIT": "mine.service"}, "mine.service"),
        ("ops", {"OPENCLAW_SYSTEMD_UNIT": "mine"}, "openclaw-gateway-ops.service"),
    ],
)
def test_what_would_be_registered(tmp_path: Path, profile: str | None, environ: dict[str, str], label: str) -> None:
    service = own_service(instance(tmp_path, profile, **environ))
    assert isinstance(service, SystemdUnit)
    assert (service.label, service.scope, service.file) == (label, "user", user_units(tmp_path) / label)


def test_root_and_those_who_ask_for_it_get_a_service_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert own_service(instance(tmp_path), "system").file == tmp_path / "system" / "openclaw-gateway.service"
    monkeypatch.setattr("clawfleet.host.service_search.os.geteuid", lambda: 0)
    assert own_service(instance(tmp_path)).scope == "system"


def test_a_service_belongs_to_the_state_dir_that_it_names(tmp_path: Path) -> None:
    """Also under a name that somebody chose, and wherever it was installed."""
    mine = instance(tmp_path, OPENCLAW_STATE_DIR=str(tmp_path / "srv"))
    file = unit(tmp_path / "system", "openclaw-gateway-chosen.service", tmp_path / "srv")
    found = find_own(mine)
    assert found is not None
    assert (found.file, found.scope) == (file, "system")
    assert own_service(mine).file == file


def test_the_service_of_another_instance_is_never_ours(tmp_path: Path) -> None:
    """Not even when it stands where ours would be."""
    mine = instance(tmp_path)
    unit(user_units(tmp_path), "openclaw-gateway.service", "/elsewhere")
    unit(user_units(tmp_path), "openclaw-gateway-ops.service", tmp_path / ".openclaw-ops")
    assert find_own(mine) is None
    service = own_service(mine)
    other = named_alike(mine, service)
    assert other is not None
    assert other.state_dir == "/elsewhere"
    assert named_alike(instance(tmp_path, "ops"), own_service(instance(tmp_path, "ops"))) is None


def test_a_users_service_goes_before_the_systems(tmp_path: Path) -> None:
    mine = instance(tmp_path)
    unit(tmp_path / "system", "openclaw-gateway.service", tmp_path / ".openclaw")
    unit(user_units(tmp_path), "openclaw-gateway.service", tmp_path / ".openclaw")
    found = find_own(mine)
    assert found is not None and found.scope == "user"
    assert [item.scope for item in others(mine)] == ["system"]


def test_looking_deep_finds_old_names_and_broken_programs(tmp_path: Path) -> None:
    mine = instance(tmp_path)
    unit(user_units(tmp_path), "openclaw-gateway.service", tmp_path / ".openclaw", program="/bin/sh")
    unit(user_units(tmp_path), "clawdbot-gateway.service", "/old", program="/gone/clawdbot")
    unit(tmp_path / "packaged", "moltbot.service", "/older", program="/bin/sh")
    (user_units(tmp_path) / "openclaw-notes.service").write_text("[Service]\nExecStart=/bin/vi\n")
    found = {item.label: item for item in others(mine)}
    assert set(found) == {"clawdbot-gateway.service", "moltbot.service"}
    assert found["clawdbot-gateway.service"].is_broken
    assert "broken: /gone/clawdbot is missing" in found["clawdbot-gateway.service"].describe()
    assert "port 18909, state dir /older" in found["moltbot.service"].describe()
    assert [item.label for item in all_services(mine)] == ["openclaw-gateway.service"]


def test_on_a_mac_jobs_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_search, "PLATFORM", "darwin")
    monkeypatch.setattr(service_search, "DAEMONS", tmp_path / "Daemons")
    mine = instance(tmp_path)
    agents = tmp_path / "Library" / "LaunchAgents"
    agents.mkdir(parents=True)
    service = own_service(mine)
    assert (service.manager, service.label) == ("launchd", "ai.openclaw.gateway")
    spec = replace(SPEC, unit="ai.openclaw.gateway", state_dir=str(mine.state_dir))
    service.file.write_bytes(service.render(spec))
    (agents / "ai.openclaw.broken.plist").write_text("no plist")
    found = find_own(mine)
    assert found is not None and found.file == service.file
    assert own_service(instance(tmp_path, OPENCLAW_LAUNCHD_LABEL="my.own.label")).label == "ai.openclaw.gateway"
