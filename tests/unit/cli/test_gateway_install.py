"""`openclaw gateway install`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from clawfleet.cli import gateway_install
from clawfleet.cli.service_spec import program
from clawfleet.host.definitions import Definition
from clawfleet.host.service_file import backup_of
from tests.support.fake_service import FakeDaemon
from tests.support.gateway import free_port
from tests.unit.cli.conftest import Home, OpenClaw


@pytest.fixture(autouse=True)
def lingering(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clawfleet.host.systemd.lingers", lambda _: True)


def written(service: FakeDaemon) -> Definition:
    found = service.written()
    assert found is not None
    return found


def config(home: Home) -> Any:
    return json.loads(home.config_path.read_text())


def test_a_fresh_host_gets_a_service_and_a_token(openclaw: OpenClaw, service: FakeDaemon, home: Home) -> None:
    port = free_port()
    result = openclaw("gateway", "install", "--port", str(port))
    assert result.exit_code == 0, result.output
    assert f"Installed systemd service: {service.file}" in result.stdout
    assert f"Gateway ready on port {port}" in result.stdout
    assert "No gateway token found. Auto-generated one and saving to config." in result.stderr
    token = config(home)["gateway"]["auth"]["token"]
    assert len(token) == 48
    assert token not in service.file.read_text()
    assert token not in result.output
    assert config(home)["gateway"]["port"] == port
    assert written(service).command == (str(program()), "gateway", "--port", str(port))
    environment = written(service).environment
    assert environment["OPENCLAW_STATE_DIR"] == str(home.state_dir)
    assert environment["OPENCLAW_CONFIG_PATH"] == str(home.config_path)


def test_a_second_install_changes_no_byte(openclaw: OpenClaw, service: FakeDaemon, home: Home) -> None:
    openclaw("gateway", "install", "--port", str(free_port()))
    before = (service.file.read_bytes(), home.config_path.read_bytes(), service.running)
    result = openclaw("gateway", "install")
    assert result.exit_code == 0
    assert result.stdout == "Gateway service already enabled.\nReinstall with: openclaw gateway install --force\n"
    assert (service.file.read_bytes(), home.config_path.read_bytes(), service.running) == before


def test_force_repairs_what_drifted(openclaw: OpenClaw, service: FakeDaemon) -> None:
    """A new port and a new program; what people added stays, the former file too."""
    openclaw("gateway", "install", "--port", str(free_port()))
    text = service.file.read_text()
    drifted = text.replace(str(program()), "/gone/openclaw").replace("MemoryMax=infinity", "MemoryMax=2G")
    service.file.write_text(
        drifted.replace("Environment=HOME", "Environment=HTTP_PROXY=http://proxy:3128\nEnvironment=HOME")
    )
    port = free_port()
    result = openclaw("gateway", "install", "--force", "--port", str(port), "--json")
    document = json.loads(result.stdout)
    assert (document["action"], document["ok"], document["result"]) == ("install", True, "installed")
    assert f"Previous unit backed up to: {backup_of(service.file)}" in document["message"]
    now = written(service)
    assert (now.program, now.port, now.limits.memory_max) == (str(program()), port, "2G")
    assert now.environment["HTTP_PROXY"] == "http://proxy:3128"
    assert "/gone/openclaw" in backup_of(service.file).read_text()


def test_a_given_token_goes_into_the_config_only(openclaw: OpenClaw, service: FakeDaemon, home: Home) -> None:
    result = openclaw("gateway", "install", "--port", str(free_port()), "--token", "hunter2hunter2")
    assert config(home)["gateway"]["auth"] == {"mode": "token", "token": "hunter2hunter2"}
    assert "hunter2" not in service.file.read_text() + result.output


def test_a_config_that_blocks_the_start_blocks_the_install(openclaw: OpenClaw, service: FakeDaemon, home: Home) -> None:
    home.write_config('{"gateway": {"mode": "remote"}}')
    result = openclaw("gateway", "install")
    assert result.exit_code == 78
    assert "set gateway.mode=local" in result.stderr
    assert not service.file.exists()
    assert openclaw("gateway", "install", "--allow-unconfigured", "--port", str(free_port())).exit_code == 0
    assert written(service).command[-1] == "--allow-unconfigured"


def test_a_wrapper_starts_the_gateway_and_is_kept(openclaw: OpenClaw, service: FakeDaemon, home: Home) -> None:
    wrapper = home.root / "with secrets"
    wrapper.write_text("#!/bin/sh\n")
    openclaw("gateway", "install", "--port", str(free_port()), "--wrapper", str(wrapper))
    assert written(service).program == str(wrapper)
    openclaw("gateway", "install", "--force", "--port", str(free_port()))
    assert written(service).program == str(wrapper)


def test_variables_that_only_this_shell_has_are_named(openclaw: OpenClaw, service: FakeDaemon, home: Home) -> None:
    home.write_config(
        '{"gateway": {"mode": "local"}, "models": {"providers": {"x": {"baseUrl": "http://x", "apiKey": "${X_KEY}", '
        '"models": [{"id": "m", "name": "m"}]}}}}'
    )
    result = openclaw("gateway", "install", "--port", str(free_port()), X_KEY="hunter2")
    assert "! The service will not have X_KEY" in result.stderr
    assert "hunter2" not in result.output + service.file.read_text()


def test_a_service_that_is_not_ready_is_installed_and_told(openclaw: OpenClaw, service: FakeDaemon, home: Home) -> None:
    service.behaviour = "exits 78"
    result = openclaw("gateway", "install", "--port", str(free_port()), "--json")
    document = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (document["ok"], document["service"]["label"]) == (False, service.label)
    assert "did not get ready" in document["error"]
    assert service.file.exists()


def test_a_service_of_the_system_is_roots(
    openclaw: OpenClaw, service: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clawfleet.cli.gateway_install.os.geteuid", lambda: 1000)
    service.scope = "system"
    result = openclaw("gateway", "install", "--system")
    assert result.exit_code == 2
    assert "sudo openclaw gateway install --system" in result.stderr


def test_the_service_of_another_instance_is_left_alone(
    openclaw: OpenClaw, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when its name would be ours."""
    monkeypatch.setattr("clawfleet.host.service_search.os.geteuid", lambda: 1000)
    units = home.root / ".config" / "systemd" / "user"
    units.mkdir(parents=True)
    text = "[Service]\nExecStart=/bin/openclaw gateway\nEnvironment=OPENCLAW_STATE_DIR=/elsewhere\n"
    (units / "openclaw-gateway.service").write_text(text)
    result = openclaw("gateway", "install")
    assert result.exit_code == 1
    assert "is the service of another instance (state dir /elsewhere)" in result.stderr
    assert (units / "openclaw-gateway.service").read_text() == text


def test_a_user_that_does_not_linger_is_warned(
    openclaw: OpenClaw, service: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clawfleet.host.systemd.lingers", lambda _: False)
    assert (
        "! linger is off: the gateway stops at logout."
        in openclaw("gateway", "install", "--port", str(free_port())).stdout
    )


def test_root_makes_the_state_dir_for_who_it_belongs_to(
    tmp_path: Path, service: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[Path, int, int]] = []
    monkeypatch.setattr("clawfleet.cli.gateway_install.os.geteuid", lambda: 0)
    monkeypatch.setattr("clawfleet.cli.gateway_install.os.chown", lambda *words: given.append(words))
    service.scope = "system"
    gateway_install.make_state_dir(tmp_path / "state", service)
    gateway_install.make_state_dir(tmp_path / "state", service)
    assert given == [(tmp_path / "state", tmp_path.stat().st_uid, tmp_path.stat().st_gid)]
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
