"""Gateways as launchd jobs, against the fake launchctl, which really starts them."""

from __future__ import annotations

import os
import plistlib
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from clawfleet.host import launchd
from clawfleet.host.launchd import LaunchdJob, read_print
from clawfleet.host.process import find_process
from clawfleet.host.services import CannotSupervise, ServiceRefused, ServiceTaken
from clawfleet.host.units import UnitLimits, UnitSpec
from tests.fakes.launchd.mac import Mac
from tests.support.fake_service import until
from tests.unit.host.test_units import SPEC

LABEL = "ai.openclaw.ops"
DOMAIN = f"gui/{os.getuid()}"


@pytest.fixture
def mac(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mac]:
    host = Mac(tmp_path / "mac")
    monkeypatch.setattr(launchd, "DAEMONS", tmp_path / "LaunchDaemons")
    monkeypatch.setattr(launchd, "RETRY_S", 0.01)
    yield host
    host.shut_down()


@pytest.fixture
def job(mac: Mac, tmp_path: Path) -> LaunchdJob:
    """A registered, not loaded job that sleeps, or ends with the code that is its only word."""
    service = LaunchdJob(LABEL, "user", mac.home, mac.environ)
    register(service, tmp_path, "import time; time.sleep(600)")
    return service


def register(service: LaunchdJob, folder: Path, code: str) -> None:
    program = folder / "program"
    program.write_text(f"#!/bin/sh\nexec \"{sys.executable}\" -c '{code}'\n")
    program.chmod(0o755)
    spec: UnitSpec = replace(
        SPEC, unit=LABEL, program=str(program), state_dir=str(folder), env={}, limits=UnitLimits(stop_timeout_s=20)
    )
    service.file.write_bytes(service.render(spec))


def test_a_plist_that_lies_there_is_not_loaded(job: LaunchdJob, mac: Mac) -> None:
    state = job.state()
    assert (state.phase, state.kind, state.loaded_text) == ("installed, not loaded", "LaunchAgent", "not loaded")
    assert state.target == f"{DOMAIN}/{LABEL}"
    assert mac.calls() == []


def test_start_loads_what_is_not_loaded(job: LaunchdJob, mac: Mac) -> None:
    job.start()
    until(lambda: job.state().pid)
    state = job.state()
    assert state.phase == "running"
    assert state.pid is not None
    assert find_process(state.pid) is not None
    assert mac.calls() == [
        f"enable {DOMAIN}/{LABEL}", f"bootstrap {DOMAIN} {job.file}", f"kickstart {DOMAIN}/{LABEL}",
    ]  # fmt: skip


def test_stop_unloads_and_waits_until_launchd_has_let_go(job: LaunchdJob, mac: Mac) -> None:
    job.start()
    until(lambda: job.state().pid)
    pid = job.state().pid
    mac.calls()
    job.stop(disable=False)
    assert job.state().phase == "installed, not loaded"
    assert pid is not None and find_process(pid) is None
    job.stop(disable=True)
    assert mac.calls() == [f"bootout {DOMAIN}/{LABEL}", f"disable {DOMAIN}/{LABEL}", f"bootout {DOMAIN}/{LABEL}"]


def test_a_switched_off_job_is_switched_on_by_start(job: LaunchdJob) -> None:
    job.stop(disable=True)
    job.start()
    assert job.state().is_loaded


def test_restart_replaces_the_process(job: LaunchdJob, mac: Mac) -> None:
    job.start()
    until(lambda: job.state().pid)
    before = job.state().pid
    mac.calls()
    job.restart()
    until(lambda: job.state().pid not in (None, before))
    assert job.state().pid not in (None, before)
    assert mac.calls() == [f"kickstart -k {DOMAIN}/{LABEL}"]


def test_a_changed_plist_is_loaded_anew_and_not_started_twice(job: LaunchdJob, mac: Mac) -> None:
    job.start()
    mac.calls()
    job.load()
    job.restart()
    assert mac.calls() == [
        f"bootout {DOMAIN}/{LABEL}", f"enable {DOMAIN}/{LABEL}", f"bootstrap {DOMAIN} {job.file}",
    ]  # fmt: skip


def test_a_bootstrap_right_after_a_bootout_is_tried_again(job: LaunchdJob, mac: Mac) -> None:
    (mac.state / "busy").write_text("3")
    job.load()
    assert job.state().is_loaded
    assert sum(call.startswith("bootstrap") for call in mac.calls()) == 4


def test_a_bootstrap_that_never_works_is_told(job: LaunchdJob, mac: Mac) -> None:
    (mac.state / "busy").write_text("99")
    with pytest.raises(ServiceRefused, match="Input/output error"):
        job.load()


def test_how_a_job_ended(job: LaunchdJob, tmp_path: Path) -> None:
    register(job, tmp_path, "import sys; sys.exit(3)")
    job.load()
    until(lambda: job.state().exit_code is not None)
    assert job.state().exit_code == 3
    job.stop(disable=False)
    register(job, tmp_path, "import os; os.kill(os.getpid(), 9)")
    job.load()
    until(lambda: job.state().exit_signal)
    assert job.state().exit_signal == "SIGKILL"


def test_what_a_job_prints_as_errors_are_its_last_words(job: LaunchdJob, tmp_path: Path) -> None:
    assert job.last_words(1) == []
    register(job, tmp_path, 'import sys; sys.exit("no money left")')
    job.load()
    until(lambda: job.last_words(1))
    assert job.last_words(1) == ["no money left"]


def test_without_a_screen_the_users_own_domain_is_taken(job: LaunchdJob, mac: Mac) -> None:
    (mac.state / "no-gui").touch()
    assert job.state().target == f"user/{os.getuid()}/{LABEL}"
    job.start()
    assert job.state().is_loaded


def test_a_shell_that_launchd_does_not_know_is_told_what_to_do(
    job: LaunchdJob, mac: Mac, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mac.bin / "launchctl").write_text("#!/bin/sh\necho 'Domain does not support specified action' >&2; exit 125\n")
    with pytest.raises(CannotSupervise, match=DOMAIN) as caught:
        job.check()
    assert "sudo openclaw gateway install --system" in (caught.value.hint or "")
    assert DOMAIN in job.state().unreachable
    monkeypatch.setattr(job, "_domain", DOMAIN)
    (mac.bin / "launchctl").write_text('#!/bin/sh\n[ "$1" = enable ] && exit 0\necho no >&2; exit 125\n')
    with pytest.raises(CannotSupervise, match="from this shell"):
        job.start()


def test_a_daemon_of_the_same_label_is_refused(job: LaunchdJob, tmp_path: Path) -> None:
    job.check()
    daemons = tmp_path / "LaunchDaemons"
    daemons.mkdir()
    (daemons / f"{LABEL}.plist").touch()
    with pytest.raises(ServiceTaken, match="LaunchDaemon") as caught:
        job.check()
    assert "sudo launchctl bootout" in (caught.value.hint or "")


def test_a_daemon_is_the_systems(mac: Mac, tmp_path: Path) -> None:
    daemon = LaunchdJob(LABEL, "system", mac.home, mac.environ)
    daemon.check()
    assert daemon.file == tmp_path / "LaunchDaemons" / f"{LABEL}.plist"
    assert plistlib.loads(daemon.render(replace(SPEC, scope="system", user="ada")))["UserName"] == "ada"


def test_a_damaged_plist_is_installed_and_told(job: LaunchdJob) -> None:
    job.file.write_text("no plist")
    state = job.state()
    assert state.is_installed
    assert "not a property list" in state.unreachable
    job.file.unlink()
    assert job.state().phase == "not installed"


def test_only_the_jobs_own_fields_are_read() -> None:
    """Blocks inside hold fields of the same names."""
    inside = "\tlimits = {\n\t\tstate = other\n\t}"
    text = f"gui/501/x = {{\n\tstate = running\n{inside}\n\tpid = 7\n\tlast exit code = 78: EX\n}}"
    assert read_print(text) == {"state": "running", "pid": "7", "last exit code": "78: EX"}
