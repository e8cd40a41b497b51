"""A job of launchd, against a launchctl that keeps jobs and answers with launchd's codes."""

from __future__ import annotations

import getpass
import os
import plistlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import launchd_job
import mac_processes
from launchd_job import Job, last_exit
from mac_processes import SOMEBODY, age_s, ancestry, describe, holds, listening, owners
from tests.fakes.launchd.mac import LAUNCHCTL

LABEL = "ai.openclaw.ops"
UID = os.getuid()


class Host:
    """The fake launchd's own directory, and the job in it."""

    def __init__(self, place: Path) -> None:
        self.state = place / "launchd"
        self.state.mkdir()
        self.file = place / f"{LABEL}.plist"
        self.stamp = place / "records" / "applied.json"
        self.stamp.parent.mkdir()
        self.write("sleep 60")

    def write(self, script: str) -> None:
        """The property list of a job that runs this shell text."""
        log = str(self.file.with_suffix(".log"))
        table = {
            **{"Label": LABEL, "ProgramArguments": ["/bin/sh", "-c", script], "RunAtLoad": True, "KeepAlive": True},
            **{"StandardOutPath": log, "StandardErrorPath": log, "ExitTimeOut": 2, "EnvironmentVariables": {}},
        }
        self.file.write_bytes(plistlib.dumps(table))

    def job(self) -> Job:
        """The job as a script on the host sees it, which knows nothing but what lies there."""
        paths: dict[str, Any] = {"unitPath": str(self.file), "stamp": str(self.stamp)}
        logs = [str(self.file.with_suffix(".log"))]
        return Job({"unit": LABEL, "user": getpass.getuser(), "scope": "user", "logs": logs, **paths})

    def switch(self, name: str, text: str = "") -> None:
        """Tells the fake how to behave."""
        (self.state / name).write_text(text)

    def calls(self) -> list[str]:
        """What changed something, since the last time."""
        file = self.state / "calls"
        lines = file.read_text().splitlines()
        file.write_text("")
        return [line.split()[0] for line in lines if not line.startswith("print")]


@pytest.fixture
def mac(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    host = Host(tmp_path)
    monkeypatch.setenv("FAKE_LAUNCHD", str(host.state))
    monkeypatch.setenv("FAKE_LAUNCHD_THROTTLE_S", "0.05")
    command = tmp_path / "launchctl"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S -E "{LAUNCHCTL}" "$@"\n')
    command.chmod(0o755)
    monkeypatch.setattr(launchd_job, "LAUNCHCTL", str(command))
    monkeypatch.setattr(launchd_job, "PLUTIL", "true")
    monkeypatch.setattr(launchd_job, "RETRY_S", 0.01)
    yield host
    host.job().disable()


def running(mac: Host) -> dict[str, str]:
    """The job once it has a process; launchd starts it a moment after it was loaded."""
    for _ in range(200):
        shown = mac.job().show()
        if shown["MainPID"] != "0":
            return shown
    raise AssertionError(shown)


def test_a_list_that_lies_there_is_loaded_and_a_restart_replaces_the_process(mac: Host) -> None:
    """Only a changed list is unloaded first; starts that were asked for are no restarts."""
    assert (mac.job().show()["LoadState"], mac.job().show()["SubState"]) == ("loaded", "not loaded")
    assert mac.job().restart() == ""
    first = running(mac)
    assert (first["ActiveState"], first["SubState"], first["NRestarts"]) == ("active", "running", "0")
    assert mac.calls() == ["enable", "bootstrap"]
    assert mac.job().restart() == ""
    second = running(mac)
    assert (second["MainPID"] != first["MainPID"], second["NRestarts"]) == (True, "0")
    assert mac.calls() == ["kickstart"]
    mac.write("sleep 61")
    assert mac.job().restart() == ""
    assert mac.calls() == ["bootout", "enable", "bootstrap"]


@pytest.mark.parametrize(("switch", "text"), [("busy", "3"), ("booting-out", "2")])
def test_launchd_that_is_busy_is_asked_again(mac: Host, switch: str, text: str) -> None:
    """Codes 5 and 37."""
    mac.switch(switch, text)
    assert mac.job().restart() == ""
    assert mac.calls().count("bootstrap") == int(text) + 1


def test_launchd_that_stays_busy_is_told(mac: Host) -> None:
    """In its own words, after a bound."""
    mac.switch("busy", "99")
    assert "Input/output error" in mac.job().restart()
    assert mac.calls().count("bootstrap") == 6


@pytest.mark.parametrize("switch", ["no-gui", "no-bootstrap"])
def test_without_a_screen_the_users_own_domain_serves(mac: Host, switch: str) -> None:
    """And the job moves once there is a screen, so that it never runs twice."""
    mac.switch(switch)
    assert mac.job().restart() == ""
    assert list(mac.job()._loaded()) == [f"user/{UID}/{LABEL}"]
    (mac.state / switch).unlink()
    assert mac.job().restart() == ""
    assert list(mac.job()._loaded()) == [f"gui/{UID}/{LABEL}"]


def test_a_job_that_was_stopped_for_good_is_seen_and_comes_back(mac: Host) -> None:
    """As `openclaw gateway stop --disable` leaves it."""
    assert mac.job().restart() == "" and mac.job().park() == ""
    shown = mac.job().show()
    assert (shown["UnitFileState"], shown["SubState"], shown["ActiveState"]) == ("disabled", "disabled", "inactive")
    assert mac.job().enable() == "" and mac.job().restart() == ""
    assert running(mac)["UnitFileState"] == "enabled"


def test_a_process_that_ends_with_78_is_hopeless_and_one_that_dies_is_counted(mac: Host) -> None:
    """launchd starts both again."""
    mac.write("exit 78")
    mac.job().restart()
    while (shown := mac.job().show())["ExecMainStatus"] != "78" or shown["MainPID"] != "0":
        pass
    assert shown["ActiveState"] == "failed"
    while int(mac.job().show()["NRestarts"]) < 2:
        pass


def test_what_it_printed_is_its_journal(mac: Host) -> None:
    """The last lines of its files."""
    mac.file.with_suffix(".log").write_text("one\ntwo\n")
    assert mac.job().journal(1) == ["two"]


def test_exit_codes_are_read_from_launchctls_words() -> None:
    """A job that never ended has none."""
    assert last_exit({"last exit code": "78: EX_CONFIG"}) == "78"
    assert last_exit({"last exit code": "(never exited)"}) == last_exit({}) == "0"


def test_processes_are_known_by_ps() -> None:
    """Age, ancestors, words; holders of ports are pids, or somebody."""
    assert os.getppid() in list(ancestry(os.getpid()))
    assert f"pid {os.getpid()} (" in describe(os.getpid())
    assert age_s(os.getpid()) is not None and age_s(2**22) is None
    assert (owners({"12", "somebody"}), holds(12, {"12"}), owners({"somebody"})) == ([12], True, [])


@pytest.mark.parametrize(("second", "told"), [(["p12"], {"12"}), ([], {SOMEBODY})])
def test_one_that_begins_to_listen_meanwhile_is_no_stranger(
    monkeypatch: pytest.MonkeyPatch, second: list[str], told: set[str]
) -> None:
    """lsof did not see it yet, and it answers."""
    answers = iter([[], second])
    monkeypatch.setattr(mac_processes, "_lines", lambda *_: next(answers))
    monkeypatch.setattr(mac_processes, "_answers", lambda _: True)
    assert listening(1) == told
