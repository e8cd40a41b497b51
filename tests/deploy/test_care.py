"""What looks after one host, on a real systemd: doctor, backup and uninstall, as a person types them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.service_host import ServiceHost, remove_service_host, start_service_host

pytestmark = pytest.mark.docker

UNIT = "/home/ada/.config/systemd/user/openclaw-gateway.service"
SYSTEM_UNIT = "/etc/systemd/system/openclaw-gateway.service"


@pytest.fixture(scope="module")
def booted(wheelhouse: Path) -> Iterator[ServiceHost]:
    host = start_service_host(wheelhouse)
    yield host
    remove_service_host(host)


@pytest.fixture
def installed(booted: ServiceHost) -> Iterator[ServiceHost]:
    """The host with an installed, running service; without any of it after the test."""
    told = booted.openclaw("gateway", "install")
    assert told.code == 0, told.err
    yield booted
    booted.openclaw("gateway", "uninstall")
    booted.root("sh", "-c", f"rm -rf /home/ada/.openclaw* /home/ada/.config /home/ada/*.tar.gz {SYSTEM_UNIT}")


def ids(host: ServiceHost, *words: str) -> dict[str, str]:
    """What doctor finds: check id and severity."""
    return {row["checkId"]: row["severity"] for row in host.openclaw("doctor", "--json", *words).json["findings"]}


def files(host: ServiceHost) -> set[str]:
    """Everything that is the user's, besides what was there before anybody typed anything."""
    found = host.root("find", "/home", "/tmp", "/var", "-xdev", "-user", host.user, "-not", "-type", "d").out.split()
    return {path for path in found if not path.startswith(("/home/ada/.bash", "/home/ada/.profile"))}


def test_a_healthy_service_has_no_fault_and_a_drifted_one_is_mended(installed: ServiceHost) -> None:
    host = installed
    assert set(ids(host, "--deep").values()) <= {"info"}
    host.openclaw("config", "set", "gateway.port", "19123")
    assert "service.port" in ids(host)
    mended = host.openclaw("doctor", "--fix", "--json").json
    assert [change["path"] for change in mended["changes"]] == ["~/.config/systemd/user/openclaw-gateway.service"]
    assert "--port 19123" in host.read(UNIT)
    assert host.openclaw("doctor", "--fix", "--json").json["changes"] == []
    assert host.openclaw("gateway", "restart").code == 0
    assert set(ids(host, "--deep").values()) <= {"info"}


def test_a_second_service_and_logout_are_told(installed: ServiceHost) -> None:
    host = installed
    host.root("sh", "-c", f"sed 's/^\\[Service\\]/[Service]\\nUser=ada/' {UNIT} > {SYSTEM_UNIT}")
    assert ids(host)["service.duplicate"] == "error"
    host.root("rm", SYSTEM_UNIT)
    host.root("mv", "/var/lib/systemd/linger/ada", "/root/")
    found = ids(host)
    host.root("mv", "/root/ada", "/var/lib/systemd/linger/")
    assert found["service.linger_off"] == "warning"
    assert "service.duplicate" not in found


def test_keys_that_the_service_cannot_read_are_told(installed: ServiceHost) -> None:
    host = installed
    host.root("sh", "-c", "umask 077; echo A_KEY=x > /home/ada/.openclaw/.env")
    own = host.openclaw("doctor")
    assert own.code == 1
    assert "Cannot read /home/ada/.openclaw/.env: Permission denied" in own.out
    told = host.root("env", "OPENCLAW_STATE_DIR=/home/ada/.openclaw", "openclaw", "doctor", "--json").json
    host.root("rm", "/home/ada/.openclaw/.env")
    row = next(row for row in told["findings"] if row["checkId"] == "env.unreadable_by_gateway")
    assert row["fixHint"].startswith("sudo chown ")


def test_a_backup_comes_back_when_the_service_is_stopped(installed: ServiceHost) -> None:
    host = installed
    words = ("agent", "--session-key", "agent:main:kept", "-m")
    assert "forty-three" in host.openclaw(*words, "remember forty-three").out
    made = host.openclaw("backup", "create", "--verify", "--json", "--output", "/home/ada/b.tar.gz").json
    assert made["verified"] is True
    running = host.openclaw("backup", "restore", "/home/ada/b.tar.gz", "--yes")
    assert (running.code, "already running" in running.err) == (78, True)
    host.openclaw("gateway", "stop")
    assert host.openclaw("reset", "--scope", "sessions", "--yes").code == 0
    assert host.openclaw("backup", "restore", "/home/ada/b.tar.gz", "--yes").code == 0
    assert host.openclaw("gateway", "start").code == 0
    history = host.openclaw("gateway", "call", "chat.history", "--params", '{"sessionKey": "agent:main:kept"}')
    assert "forty-three" in history.out


def test_uninstall_leaves_no_residue(installed: ServiceHost) -> None:
    host = installed
    host.openclaw("agent", "-m", "hello")
    host.openclaw("completion", "--shell", "fish", "--install")
    blocked = host.openclaw("uninstall", "--state", "--yes")
    assert (blocked.code, "--service --state" in blocked.err) == (1, True)
    done = host.openclaw("uninstall", "--all", "--yes")
    assert done.code == 0, done.err
    assert files(host) == set()
    assert host.unit()["LoadState"] == "not-found"
    again = host.openclaw("uninstall", "--all", "--yes")
    assert again.code == 0
    assert "There is nothing to remove." in again.out
