"""The gateway as a LaunchAgent on a host that plays macOS: the lines that people type, one after another."""

from __future__ import annotations

import json
import os
import plistlib
import pwd
from collections.abc import Iterator
from pathlib import Path

import pytest

from clawfleet.host.lock import read_lock
from tests.fakes.launchd.mac import Mac
from tests.support.fake_openai import openai_in_process
from tests.support.fake_service import until
from tests.support.gateway import free_port
from tests.support.walkthrough import Person, Said, ServiceSigns, walk


@pytest.fixture
def mac(tmp_path: Path) -> Iterator[Mac]:
    host = Mac(tmp_path / "mac")
    yield host
    host.shut_down()


@pytest.fixture
def installed(mac: Mac) -> Mac:
    """The host with a running LaunchAgent."""
    told = mac.openclaw("gateway", "install", "--port", str(mac.port))
    assert told.returncode == 0, told.stderr
    mac.calls()
    return mac


def config(mac: Mac) -> Path:
    return mac.home / ".openclaw" / "openclaw.json"


def errors(mac: Mac) -> str:
    return (mac.home / "Library" / "Logs" / "openclaw" / "gateway.err.log").read_text()


def gateway_pid(mac: Mac) -> int | None:
    lock = read_lock(mac.home / ".openclaw" / "clawfleet")
    return lock.pid if lock and lock.alive else None


def test_the_walk_through(mac: Mac) -> None:
    """From an empty home to a service, around every command, and back."""

    def type_(words: list[str], stdin: str) -> Said:
        done = mac.openclaw(*words, stdin=stdin, COLUMNS="80")
        return Said(done.returncode, done.stdout, done.stderr)

    def check_installed() -> None:
        domain = mac.target().rpartition("/")[0]
        assert mac.calls() == [
            f"bootout {mac.target()}", f"enable {mac.target()}", f"bootstrap {domain} {mac.agent()}",
            f"kickstart {mac.target()}",
        ]  # fmt: skip
        table = plistlib.loads(mac.agent().read_bytes())
        assert table["Label"] == "ai.openclaw.gateway"
        assert table["ProgramArguments"][1:] == ["gateway", "--port", str(mac.port)]
        assert (table["RunAtLoad"], table["KeepAlive"], table["ExitTimeOut"], table["Umask"]) == (True, True, 20, 63)
        assert json.loads(config(mac).read_text())["gateway"]["auth"]["token"] not in mac.agent().read_text()

    def check_removed() -> None:
        assert not mac.agent().exists()
        assert (mac.home / ".Trash" / mac.agent().name).exists()
        assert mac.launchctl("print", mac.target()).returncode == 113

    signs = ServiceSigns(
        noun="LaunchAgent", file=str(mac.agent()), target=mac.target(),
        running="Service: LaunchAgent (loaded) · running\n",
        present="Service: LaunchAgent (not loaded) · installed, not loaded\n  Fix: openclaw gateway start\n",
        check_installed=check_installed, check_removed=check_removed,
    )  # fmt: skip
    with openai_in_process() as fake:
        walk(Person(type_, signs, url=fake.base_url, key=fake.key, port=mac.port))


def test_a_changed_port_loads_the_changed_plist(installed: Mac) -> None:
    """A bootout and a bootstrap: kickstart alone would run the old one."""
    port = free_port()
    installed.openclaw("config", "set", "gateway.port", str(port))
    told = installed.openclaw("gateway", "restart")
    assert told.returncode == 0, told.stderr
    assert f"Gateway ready on port {port}" in told.stdout
    assert [call.split()[0] for call in installed.calls()] == ["bootout", "enable", "bootstrap"]
    assert installed.agent().with_name("ai.openclaw.gateway.plist.bak").exists()


def test_a_broken_config_makes_it_wait_and_not_loop(installed: Mac) -> None:
    """launchd leaves no exit code alone: the process stays, says so once, and goes on when it is mended."""
    good = config(installed).read_text()
    config(installed).write_text("{ broken")
    told = installed.openclaw("gateway", "restart")
    assert told.returncode == 1
    assert "Invalid config at" in told.stderr
    status = installed.openclaw("gateway", "status").stdout.splitlines()[0]
    assert status.startswith("Service: LaunchAgent (loaded) · running, but does not serve (Invalid config at ")
    assert errors(installed).count("waiting until this is mended") == 1
    runs = installed.launchctl("print", installed.target()).stdout
    config(installed).write_text(good)
    until(lambda: gateway_pid(installed), 60)
    assert gateway_pid(installed) is not None
    assert installed.launchctl("print", installed.target()).stdout == runs, "the same process"


def test_a_taken_port_makes_it_wait_too(mac: Mac) -> None:
    """The stale gateway of the seeds: explained first, mended by one command."""
    assert mac.openclaw("gateway", "install", "--port", str(mac.port)).returncode == 0
    mac.openclaw("gateway", "stop")
    old = mac.start("gateway", "run", "--port", str(mac.port), OPENCLAW_STATE_DIR=str(mac.home / ".openclaw-old"))
    start = mac.openclaw("gateway", "start")
    assert start.returncode == 1
    assert "let the service take over: openclaw gateway takeover" in start.stderr
    mac.launchctl("bootstrap", mac.target().rpartition("/")[0], str(mac.agent()))
    until(lambda: "waiting until this is mended" in errors(mac), 60)
    lines = mac.openclaw("gateway", "status").stdout.splitlines()
    assert lines[0].startswith(f"✗ Port {mac.port} is held by pid {old.pid} (")
    assert "not by the service (pid " in lines[0]
    assert lines[1] == "  Fix: openclaw gateway takeover"
    mended = mac.openclaw("gateway", "takeover")
    assert mended.returncode == 0, mended.stderr
    assert old.wait(30) == 0
    assert mac.openclaw("health").returncode == 0


def test_two_profiles_are_two_jobs(installed: Mac) -> None:
    port = free_port()
    told = installed.openclaw("--profile", "ops", "gateway", "install", "--port", str(port))
    assert told.returncode == 0, told.stderr
    assert installed.agent("ai.openclaw.ops").exists()
    before = gateway_pid(installed)
    assert installed.openclaw("--profile", "ops", "gateway", "stop").returncode == 0
    assert gateway_pid(installed) == before
    assert installed.openclaw("--profile", "node", "gateway", "install").returncode == 1


def test_a_daemon_of_the_same_label_is_refused(mac: Mac) -> None:
    daemons = mac.state / "LaunchDaemons"
    daemons.mkdir()
    (daemons / "ai.openclaw.gateway.plist").write_bytes(
        plistlib.dumps({"Label": "ai.openclaw.gateway", "ProgramArguments": ["/bin/openclaw", "gateway"]})
    )
    told = mac.openclaw("gateway", "install", "--port", str(mac.port))
    assert told.returncode == 1
    assert "a service of the system serves this state dir: ai.openclaw.gateway (system" in told.stderr
    assert not mac.agent().exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away, as sudo does")
def test_a_daemon_of_the_system_serves_a_mac_without_login(mac: Mac) -> None:
    """`sudo openclaw gateway install --system`: root's file in /Library/LaunchDaemons, run as the state's owner."""
    plist, target = mac.state / "LaunchDaemons" / "ai.openclaw.gateway.plist", "system/ai.openclaw.gateway"
    plist.parent.mkdir()
    refused = mac.openclaw("gateway", "install", "--system")
    assert refused.returncode == 2
    assert "sudo openclaw gateway install --system" in refused.stderr

    told = mac.openclaw("gateway", "install", "--system", "--port", str(mac.port), FAKE_EUID="0")
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith(f"Installed LaunchDaemon: {plist}\nGateway ready on port {mac.port}")
    table = plistlib.loads(plist.read_bytes())
    assert (table["UserName"], plist.stat().st_mode & 0o777) == (pwd.getpwuid(mac.home.stat().st_uid).pw_name, 0o644)
    assert f"bootstrap system {plist}" in mac.calls()
    assert not mac.agent().exists()

    assert mac.openclaw("gateway", "status").stdout.startswith("Service: LaunchDaemon (loaded) · running\n")
    assert mac.openclaw("gateway", "restart", FAKE_EUID="0").returncode == 0
    mac.calls()
    stopped = mac.openclaw("gateway", "stop", "--disable", FAKE_EUID="0")
    assert stopped.returncode == 0, stopped.stderr
    assert mac.calls() == [f"disable {target}", f"bootout {target}"]
    removed = mac.openclaw("gateway", "uninstall", FAKE_EUID="0")
    assert removed.returncode == 0, removed.stderr
    assert not plist.exists()
