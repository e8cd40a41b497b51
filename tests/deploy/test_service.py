"""The gateway as a systemd service on a real systemd: the lines that people type, one after another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.deploy.service_host import ServiceHost, remove_service_host, start_service_host, until
from tests.fakes.openai.app import DEFAULT_KEY
from tests.support.walkthrough import Person, Said, ServiceSigns, walk

pytestmark = pytest.mark.docker

PROVIDER_PORT = 8317

UNIT = "/home/ada/.config/systemd/user/openclaw-gateway.service"
CONFIG = "/home/ada/.openclaw/openclaw.json"


@pytest.fixture(scope="module")
def booted(wheelhouse: Path) -> Iterator[ServiceHost]:
    host = start_service_host(wheelhouse)
    yield host
    remove_service_host(host)


@pytest.fixture
def host(booted: ServiceHost) -> Iterator[ServiceHost]:
    """The host without a service and without any state of it."""
    yield booted
    for words in ((), ("--profile", "ops")):
        booted.openclaw(*words, "gateway", "uninstall")
    booted.root("sh", "-c", "rm -rf /home/ada/.openclaw* /home/ada/.config")


@pytest.fixture
def installed(host: ServiceHost) -> ServiceHost:
    """The host with an installed, running service."""
    told = host.openclaw("gateway", "install")
    assert told.code == 0, told.err
    return host


def main_pid(host: ServiceHost) -> int:
    return int(host.unit()["MainPID"])


def test_the_walk_through(host: ServiceHost) -> None:
    """From an empty home to a service, around every command, and back."""

    def type_(words: list[str], stdin: str) -> Said:
        done = host.run("openclaw", *words, stdin=stdin, COLUMNS="80")
        return Said(done.code, done.out, done.err)

    def check_installed() -> None:
        assert host.root("stat", "-c", "%a %U", UNIT).out.split() == ["600", "ada"]
        assert host.unit()["UnitFileState"] == "enabled"
        assert host.is_ready(18789), "it returned, so it is ready"
        assert json.loads(host.read(CONFIG))["gateway"]["auth"]["token"] not in host.read(UNIT)

    def check_removed() -> None:
        assert host.root("ls", "-A", "/home/ada/.config/systemd/user").out.split() == []
        assert host.unit()["LoadState"] == "not-found"
        assert not host.is_ready(18789)

    signs = ServiceSigns(
        noun="systemd service", file=UNIT, target="openclaw-gateway.service",
        running="Service: systemd user (enabled) · running\n", present="loaded, not running (exit 0: stopped)",
        check_installed=check_installed, check_removed=check_removed,
    )  # fmt: skip
    host.start_provider(PROVIDER_PORT)
    url = f"http://127.0.0.1:{PROVIDER_PORT}/v1"
    walk(Person(type_, signs, url=url, key=DEFAULT_KEY, port=18789))


def test_the_first_install_makes_a_token_and_says_so(host: ServiceHost) -> None:
    """It stands in the config and is shown by neither the service nor the terminal."""
    install = host.openclaw("gateway", "install")
    assert "No gateway token found. Auto-generated one and saving to config." in install.err
    assert json.loads(host.read(CONFIG))["gateway"]["auth"]["token"] not in host.read(UNIT) + install.out + install.err


def test_systemd_finds_no_fault_in_the_unit(installed: ServiceHost) -> None:
    told = installed.systemd("systemd-analyze", "verify", "--user", UNIT)
    assert [line for line in (told.out + told.err).splitlines() if "openclaw" in line] == []


def test_force_repairs_drift_and_keeps_the_former_file(installed: ServiceHost) -> None:
    drifted = installed.read(UNIT).replace("RestartPreventExitStatus=78", "RestartPreventExitStatus=99")
    installed.write(UNIT, drifted)
    assert "Drift:" in installed.openclaw("gateway", "status", "--no-probe").out
    told = installed.openclaw("gateway", "install", "--force")
    assert told.code == 0, told.err
    assert f"Previous unit backed up to: {UNIT}.bak" in told.out
    assert installed.read(f"{UNIT}.bak") == drifted
    assert installed.unit()["RestartPreventExitStatus"] == "78"
    assert "Drift:" not in installed.openclaw("gateway", "status", "--no-probe").out


def test_a_changed_port_takes_effect_at_the_restart(installed: ServiceHost) -> None:
    """The unit says it too; until then status shows both and which wins."""
    assert installed.openclaw("config", "set", "gateway.port", "18830").code == 0
    out = installed.openclaw("gateway", "status", "--no-probe").out
    assert "Drift: port: service 18789 (service args), config 18830; the service's wins until" in out
    told = installed.openclaw("gateway", "restart")
    assert told.code == 0, told.err
    assert "Gateway ready on port 18830" in told.out
    assert "--port 18830" in installed.read(UNIT)
    assert not installed.is_ready(18789)


def test_a_killed_gateway_is_back_within_seconds(installed: ServiceHost) -> None:
    killed = main_pid(installed)
    installed.root("kill", "-9", str(killed))
    until(lambda: main_pid(installed) not in (0, killed) and installed.is_ready(18789), 60)
    assert installed.unit()["NRestarts"] == "1"


def test_a_broken_config_ends_the_service_once_and_stop_works(installed: ServiceHost) -> None:
    """Exit 78: no loop; stop and uninstall need no config."""
    installed.write(CONFIG, "{ broken")
    told = installed.openclaw("gateway", "restart")
    assert told.code == 1
    assert "The gateway did not get ready: Invalid config at" in told.err
    until(lambda: installed.unit()["ActiveState"] == "failed", 120)
    unit = installed.unit()
    assert (unit["ExecMainStatus"], unit["NRestarts"]) == ("78", "0")
    assert "loaded, not running (exit 78: Invalid config" in installed.openclaw("gateway", "status").out
    assert installed.openclaw("gateway", "start").code == 1
    assert installed.openclaw("gateway", "stop").code == 0
    assert installed.openclaw("gateway", "uninstall").code == 0
    assert installed.root("test", "-e", UNIT).code == 1


def test_a_stale_gateway_is_explained_and_one_command_mends_it(installed: ServiceHost) -> None:
    """A gateway that somebody started by hand, of an older state dir, holds the port of the service."""
    assert installed.openclaw("health").code == 0
    installed.openclaw("gateway", "stop")
    installed.in_background(
        "openclaw", "gateway", "run", "--port", "18789", "--allow-unconfigured",
        OPENCLAW_STATE_DIR="/home/ada/.openclaw-old",
    )  # fmt: skip
    until(lambda: installed.is_ready(18789), 120)
    stale = installed.openclaw("gateway", "status", "--no-probe", "--json").json["pids"]["listener"]

    start = installed.openclaw("gateway", "start")
    assert start.code == 1
    assert f"pid {stale}" in start.err
    assert "let the service take over: openclaw gateway takeover" in start.err
    installed.systemd("systemctl", "--user", "start", "openclaw-gateway.service")  # as people do who do not ask first
    until(lambda: installed.unit()["ActiveState"] == "failed", 120)

    lines = installed.openclaw("gateway", "status").out.splitlines()
    assert lines[0].startswith(f"✗ Port 18789 is held by pid {stale} (")
    assert "state ~/.openclaw-old, started by hand" in lines[0]
    assert lines[0].endswith("not by the service (loaded, not running (exit 78)).")
    assert lines[1] == "  Fix: openclaw gateway takeover"
    refused = installed.openclaw("health")
    assert refused.code == 1
    assert "device" not in refused.err and "token" not in refused.err.replace("--token", "")

    mended = installed.openclaw("gateway", "takeover")
    assert mended.code == 0, mended.err
    assert mended.out.startswith(f"Ended pid {stale} (")
    assert installed.openclaw("gateway", "status").out.startswith("Service: systemd user (enabled) · running\n")
    assert installed.openclaw("health").code == 0, "clients come back without clearing anything"


def test_stop_ends_an_orphan_of_the_state_dir_too(installed: ServiceHost) -> None:
    installed.openclaw("gateway", "stop")
    installed.in_background("openclaw", "gateway", "run")
    until(lambda: installed.is_ready(18789), 120)
    orphan = installed.openclaw("gateway", "status", "--no-probe", "--json").json["pids"]["lock"]
    told = installed.openclaw("gateway", "stop")
    assert told.code == 0
    assert f"Stopped gateway process: pid {orphan} on port 18789 (started by hand)" in told.out
    assert installed.root("test", "-e", f"/proc/{orphan}").code == 1


def test_a_profile_has_a_service_of_its_own(installed: ServiceHost) -> None:
    """Another unit, port and state; what is done to one does not touch the other."""
    ops = installed.openclaw("--profile", "ops", "gateway", "install")
    assert ops.code == 0, ops.err
    assert "openclaw-gateway-ops.service" in ops.out
    before = main_pid(installed)
    assert installed.openclaw("--profile", "ops", "gateway", "restart").code == 0
    assert main_pid(installed) == before
    installed.openclaw("gateway", "stop")
    assert installed.unit("openclaw-gateway-ops.service")["ActiveState"] == "active"
    deep = installed.openclaw("gateway", "status", "--deep", "--no-probe").out
    assert "  - openclaw-gateway-ops.service (user, port 55291, state dir /home/ada/.openclaw-ops)" in deep
    assert installed.openclaw("--profile", "ops", "gateway", "uninstall").code == 0
    assert installed.openclaw("gateway", "start").code == 0


def test_a_state_dir_anywhere_has_a_service_too(host: ServiceHost) -> None:
    """With blanks and a percent sign in its path."""
    place = "/home/ada/.openclaw-x/my 5% dir"
    told = host.openclaw("gateway", "install", "--port", "19500", OPENCLAW_STATE_DIR=place)
    assert told.code == 0, told.err
    assert "openclaw-gateway-my-5-dir-" in told.out
    assert host.is_ready(19500)
    assert "running" in host.openclaw("gateway", "status", OPENCLAW_STATE_DIR=place).out.splitlines()[0]
    assert host.openclaw("gateway", "status", "--no-probe").out.startswith("Service: not installed\n")
    assert host.openclaw("gateway", "uninstall", OPENCLAW_STATE_DIR=place).code == 0
    assert not host.is_ready(19500)


def test_a_changed_variable_is_named(installed: ServiceHost) -> None:
    installed.write("/home/ada/.openclaw/.env", "OPENAI_API_KEY=hunter2\n")
    out = installed.openclaw("gateway", "status", "--no-probe").out
    assert ".env changed since start (OPENAI_API_KEY): restart to apply" in out
    assert "hunter2" not in out
    installed.openclaw("gateway", "restart")
    assert "changed since start" not in installed.openclaw("gateway", "status", "--no-probe").out


def test_a_service_of_the_system_is_of_the_person_who_typed_sudo(booted: ServiceHost) -> None:
    """State and config are theirs, only the unit is root's."""
    deploy = replace(booted, user="deploy")
    try:
        told = deploy.run("sudo", "openclaw", "gateway", "install", "--port", "19600")
        assert told.code == 0, told.err
        assert "Installed systemd service: /etc/systemd/system/openclaw-gateway.service" in told.out
        assert deploy.is_ready(19600)
        unit = deploy.read("/etc/systemd/system/openclaw-gateway.service")
        assert "User=deploy" in unit
        owners = deploy.root("stat", "-c", "%U %a", "/home/deploy/.openclaw", "/home/deploy/.openclaw/openclaw.json")
        assert owners.out.split() == ["deploy", "700", "deploy", "600"]
        assert deploy.root("test", "-e", "/root/.openclaw").code == 1
        assert deploy.openclaw("gateway", "status").out.startswith("Service: systemd system (enabled) · running\n")
        refused = deploy.openclaw("gateway", "restart")
        assert refused.code == 1
        assert "sudo systemctl" in refused.err
        assert deploy.openclaw("gateway", "install").out.startswith("Gateway service already enabled.\n")
        assert deploy.run("sudo", "openclaw", "gateway", "restart").code == 0
        assert deploy.run("sudo", "openclaw", "gateway", "uninstall").code == 0
        assert deploy.root("test", "-e", "/etc/systemd/system/openclaw-gateway.service").code == 1
    finally:
        deploy.run("sudo", "openclaw", "gateway", "uninstall")
