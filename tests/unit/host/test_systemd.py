"""Gateways as systemd units, with a systemctl that notes what it is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from clawfleet.host import systemd
from clawfleet.host.services import CannotSupervise, ServiceRefused
from clawfleet.host.systemd import SystemdUnit, lingers
from tests.unit.host.test_units import SPEC

RUNNING = {
    "LoadState": "loaded", "ActiveState": "active", "SubState": "running", "MainPID": "293", "ExecMainCode": "0",
    "ExecMainStatus": "0", "ExecMainStartTimestampMonotonic": "123", "NRestarts": "1", "UnitFileState": "enabled",
    "NeedDaemonReload": "no",
}  # fmt: skip
FAILED = RUNNING | {"ActiveState": "failed", "SubState": "failed", "MainPID": "0", "ExecMainCode": "1"}

Start = Callable[..., SystemdUnit]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """A service whose systemctl answers with `shown`, or fails with `refuses`."""
    monkeypatch.setattr(systemd, "BOOTED", tmp_path)
    monkeypatch.setattr(systemd, "RUNTIME", tmp_path / "none")

    def make(shown: dict[str, str] | None = None, refuses: str = "", *, installed: bool = True) -> SystemdUnit:
        script = [
            "#!/bin/sh",
            f'echo "$@" >> {tmp_path}/calls',
            f"echo '{refuses}' >&2; exit 1" if refuses else "true",
            *(f"echo {name}={value}" for name, value in (shown or {}).items()),
        ]
        (tmp_path / "systemctl").write_text("\n".join(script))
        (tmp_path / "systemctl").chmod(0o755)
        service = SystemdUnit(SPEC.unit, "user", tmp_path / "units", {"PATH": f"{tmp_path}:/usr/bin:/bin"})
        if installed:
            service.file.parent.mkdir(exist_ok=True)
            service.file.write_bytes(service.render(SPEC))
        return service

    return make


def calls(tmp_path: Path) -> list[str]:
    """What systemctl was asked, without the words that every call has."""
    return [line.removeprefix("--user --no-ask-password ") for line in (tmp_path / "calls").read_text().splitlines()]


def test_a_running_unit_is_told_whole(start: Start) -> None:
    state = start(RUNNING).state()
    assert (state.phase, state.pid, state.state, state.sub, state.restarts) == ("running", 293, "active", "running", 1)
    assert (state.kind, state.label, state.loaded_text) == ("systemd user", SPEC.unit, "enabled")
    assert state.definition is not None
    assert state.definition.port == SPEC.port


@pytest.mark.parametrize(
    ("change", "phase", "end", "gave_up"),
    [
        ({"ExecMainStatus": "78"}, "loaded, not running", "exit 78", True),
        ({"ExecMainCode": "2", "ExecMainStatus": "9"}, "loaded, not running", "killed by SIGKILL", True),
        ({"ExecMainCode": "2", "ExecMainStatus": "99"}, "loaded, not running", "killed by signal 99", True),
        ({"ActiveState": "inactive", "UnitFileState": "disabled"}, "installed, not loaded", "exit 0", False),
        ({"ExecMainStartTimestampMonotonic": "0", "ActiveState": "inactive"}, "loaded, not running", "", False),
    ],
)
def test_why_a_unit_does_not_run(start: Start, change: dict[str, str], phase: str, end: str, gave_up: bool) -> None:
    state = start(FAILED | change).state()
    assert (state.phase, state.end, state.gave_up) == (phase, end, gave_up)


def test_a_unit_that_is_not_there_costs_no_question(start: Start, tmp_path: Path) -> None:
    assert start(RUNNING, installed=False).state().phase == "not installed"
    assert not (tmp_path / "calls").exists()


def test_an_older_definition_in_memory_is_seen(start: Start) -> None:
    assert start(RUNNING | {"NeedDaemonReload": "yes"}).state().is_stale


def test_the_verbs_ask_systemd_for_what_they_mean(start: Start, tmp_path: Path) -> None:
    service = start()
    service.load()
    service.start()
    service.restart()
    service.stop(disable=False)
    service.stop(disable=True)
    service.forget()
    service.file.unlink()
    service.forget()
    unit = SPEC.unit
    assert calls(tmp_path) == [
        "daemon-reload", f"enable {unit}",
        f"enable {unit}", f"reset-failed {unit}", f"start --no-block {unit}",
        f"reset-failed {unit}", f"restart --no-block {unit}",
        f"stop --no-block {unit}", f"reset-failed {unit}",
        f"disable {unit}", f"stop --no-block {unit}", f"reset-failed {unit}",
        f"disable {unit}",
        "daemon-reload", f"reset-failed {unit}",
    ]  # fmt: skip


def test_a_manager_that_cannot_be_reached_says_what_it_needs(start: Start) -> None:
    service = start(refuses="Failed to connect to bus: No medium found")
    with pytest.raises(CannotSupervise, match="No medium found") as caught:
        service.check()
    assert "enable-linger" in (caught.value.hint or "")
    assert "openclaw gateway run" in (caught.value.hint or "")
    state = service.state()
    assert "cannot be reached" in state.unreachable
    assert state.phase == "installed, not loaded"


def test_a_host_without_systemd_says_what_to_use_instead(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    service = start()
    monkeypatch.setattr(systemd, "BOOTED", Path("/no/such/place"))
    with pytest.raises(CannotSupervise, match="systemd does not run") as caught:
        service.check()
    assert "openclaw gateway run" in (caught.value.hint or "")


def test_without_systemctl_too(start: Start, tmp_path: Path) -> None:
    service = SystemdUnit(SPEC.unit, "user", tmp_path, {"PATH": str(tmp_path / "empty")})
    with pytest.raises(CannotSupervise, match="no systemctl"):
        service.check()


def test_a_refusal_names_the_command_to_type(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ServiceRefused, match="Access denied") as caught:
        start(refuses="Access denied").load()
    assert caught.value.hint == "by hand: systemctl --user daemon-reload"
    service = start(refuses="Interactive authentication required")
    service.scope = "system"
    monkeypatch.setattr("clawfleet.host.systemd.os.getuid", lambda: 1000)
    with pytest.raises(ServiceRefused) as caught:
        service.start()
    assert caught.value.hint == f"this is a unit of the system: sudo systemctl enable {SPEC.unit}"


def test_the_runtime_directory_is_found_without_a_login(
    tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over ssh and in cron nothing sets XDG_RUNTIME_DIR."""
    start()
    (tmp_path / "systemctl").write_text(f"#!/bin/sh\necho $XDG_RUNTIME_DIR > {tmp_path}/runtime\n")
    monkeypatch.setattr(systemd, "RUNTIME", tmp_path / "run")
    monkeypatch.setattr("clawfleet.host.systemd.os.getuid", lambda: 1000)
    (tmp_path / "run" / "1000").mkdir(parents=True)
    SystemdUnit(SPEC.unit, "user", tmp_path, {"PATH": f"{tmp_path}:/usr/bin:/bin"}).check()
    assert (tmp_path / "runtime").read_text().strip() == f"{tmp_path}/run/1000"


def test_drop_ins_count_and_are_not_taken_for_ours(start: Start) -> None:
    service = start(RUNNING)
    folder = service.file.with_name(f"{SPEC.unit}.d")
    folder.mkdir()
    (folder / "mine.conf").write_text("[Service]\nMemoryMax=2G\n")
    definition, written = service.state().definition, service.written()
    assert definition is not None and written is not None
    assert (definition.limits.memory_max, written.limits.memory_max) == ("2G", "512M")
    assert replace(written.limits) == SPEC.limits


def test_last_words_come_from_the_journal(start: Start, tmp_path: Path) -> None:
    service = start()
    assert service.last_words(2) == [] or isinstance(service.last_words(2), list)
    (tmp_path / "journalctl").write_text("#!/bin/sh\nfor last; do :; done; echo one; echo $last\n")
    (tmp_path / "journalctl").chmod(0o755)
    assert service.last_words(2) == ["one", f"_SYSTEMD_USER_UNIT={SPEC.unit}"]


def test_lingering_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(systemd, "LINGER", tmp_path)
    (tmp_path / "ada").touch()
    assert lingers("ada")
    assert not lingers("bob")
