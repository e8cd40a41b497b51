"""What becomes of a gateway that is started: proven and recorded, or taken back."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

import audit
import gateway_unit
import kept
from gate import NotYetError
from gateway_unit import apply, status
from tests.unit.deploy.standins import Answers, FakeUnit

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the gate reads Linux's /proc")


def test_apply_restarts_and_records_after_the_gate(wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The stamp is root's own and says what runs."""
    unit = FakeUnit(wish)
    monkeypatch.setattr(gateway_unit, "Unit", lambda spec: unit)
    report = apply(wish)
    assert unit.verbs == ["daemon-reload", "enable", "reset-failed", "restart"]
    stamp = Path(wish["stamp"])
    assert json.loads(stamp.read_text())["applied"] == "f00d"
    assert stamp.stat().st_mode & 0o777 == 0o600
    assert (report["outcome"], report["pid"], report["port"]) == ("ready", os.getpid(), wish["port"])
    (line,) = audit.LOG.read_text().splitlines()
    assert json.loads(line)["id"] == "edge/ops"


def test_what_takes_the_release_comes_last_and_names_its_step(
    wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gateway that lets nobody in fails at `connect`; one of before the fleet is not asked at all."""
    monkeypatch.setattr(gateway_unit, "Unit", FakeUnit)

    def closed(wish: dict[str, Any]) -> None:
        raise NotYetError("its own command is not let in: unauthorized")

    monkeypatch.setattr("proofs.connects", closed)
    report = apply({**wish, "connects": True})
    assert (report["outcome"], report["step"]) == ("failed", "connect")
    assert "its own command is not let in: unauthorized" in report["reason"]
    assert apply({**wish, "connects": True, "version": None})["outcome"] == "ready"


def test_apply_without_restart_interrupts_nobody(wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Enabling needs none."""
    unit = FakeUnit(wish)
    monkeypatch.setattr(gateway_unit, "Unit", lambda spec: unit)
    apply({**wish, "restart": False})
    assert unit.verbs == ["daemon-reload", "enable"]


def test_a_failed_gate_names_gateway_and_step_hides_secrets_and_leaves_no_stamp(
    server: Answers, wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run restarts, because nothing was recorded."""
    monkeypatch.setattr(gateway_unit, "Unit", FakeUnit)
    del server.bodies["/healthz"]
    report = apply(wish)
    text = report["reason"]
    assert (report["outcome"], report["step"]) == ("failed", "healthz")
    assert text.startswith("edge/ops: gate failed at healthz after 0 s: ")
    assert "log: started with token ***" in text
    assert not Path(wish["stamp"]).exists()


def test_a_failure_is_told_whatever_bytes_are_in_env(
    server: Answers, wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """People write there too; what hides secrets must not be what bars the way back."""
    monkeypatch.setattr(gateway_unit, "Unit", FakeUnit)
    Path(wish["env"]).write_bytes(b"NAME='J\xfcrgen'\nOPENCLAW_GATEWAY_TOKEN='s3cr3t-s3cr3t'\n")
    del server.bodies["/healthz"]
    report = apply(wish)
    assert report["outcome"] == "failed"
    assert "log: started with token ***" in report["reason"]


def test_a_changed_gateway_that_fails_gets_back_what_it_ran_with(
    server: Answers, wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """File and link are as before, the stamp too; the report says so."""
    monkeypatch.setattr(gateway_unit, "Unit", FakeUnit)
    env, link, user = tmp_path / ".env", tmp_path / "current", "root"
    (tmp_path / "old").mkdir()
    link.symlink_to(tmp_path / "old")
    wish |= {"files": [[str(env), user, "600"]], "link": str(link), "target": str(tmp_path / "old")}
    apply(wish)
    kept.keep(Path(wish["stamp"]))
    env.write_text("CHANGED=1\n")
    kept.switch_link(link, str(tmp_path / "new"))
    report = apply({**wish, "release": "2.0.0-ffffffff", "version": "2.0.0", "target": str(tmp_path / "new")})
    assert (report["outcome"], report["back"]) == ("rolled back", "runs 1.0.0-abcdef01 again")
    assert "runs version 1.0.0, wanted is 2.0.0" in report["reason"]
    assert "OPENCLAW_GATEWAY_TOKEN" in env.read_text()
    assert link.readlink() == tmp_path / "old"
    assert json.loads(Path(wish["stamp"]).read_text())["release"] == "1.0.0-abcdef01"


def test_a_gateway_that_was_not_changed_is_not_taken_back(
    server: Answers, wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stopped by itself: an older state would not mend that."""
    monkeypatch.setattr(gateway_unit, "Unit", FakeUnit)
    apply(wish)
    del server.bodies["/healthz"]
    assert apply(wish)["outcome"] == "failed"


def test_a_gateway_that_is_not_to_run_is_stopped_for_good(
    wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No gate; what it is made of is recorded all the same."""
    unit = FakeUnit(wish)
    monkeypatch.setattr(gateway_unit, "Unit", lambda _: unit)
    assert apply({**wish, "enabled": False})["outcome"] == "disabled"
    assert unit.verbs == ["daemon-reload", "disable", "reset-failed"]
    assert (status(wish)["parked"], status(wish)["applied"]) == (True, "f00d")


def test_a_gateway_that_does_not_come_up_when_it_is_enabled_is_stopped_again(
    server: Answers, wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It was stopped before, and nothing better is known of it."""
    unit = FakeUnit(wish)
    monkeypatch.setattr(gateway_unit, "Unit", lambda _: unit)
    wish |= {"link": str(tmp_path / "link"), "target": str(tmp_path / "old")}
    apply({**wish, "enabled": False})
    kept.keep(Path(wish["stamp"]))
    del server.bodies["/healthz"]
    report = apply(wish)
    assert (report["outcome"], report["back"]) == ("rolled back", "is stopped again")
    assert status(wish)["parked"]


@pytest.mark.parametrize("wanted", [True, False])
def test_a_release_that_refuses_newer_state_gets_its_own_back_where_that_is_wanted(
    server: Answers, wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wanted: bool
) -> None:
    """It ended with 78; otherwise the command that does it is named."""
    unit = FakeUnit(wish)
    monkeypatch.setattr(gateway_unit, "Unit", lambda _: unit)
    wish |= {"link": str(tmp_path / "link"), "target": str(tmp_path / "old"), "autoRestoreState": wanted}
    apply(wish)
    kept.keep(Path(wish["stamp"]))
    well = unit.state
    unit.state = {"ActiveState": "failed", "ExecMainStatus": "78"}

    def replaced(spec: dict[str, Any], archive: Path) -> None:
        unit.state = well

    monkeypatch.setattr("snapshots.of_release", lambda _, release: tmp_path / release)
    monkeypatch.setattr("state.replaced", replaced)
    report = apply({**wish, "release": "2.0.0-ffffffff", "version": "2.0.0"})
    if wanted:
        assert (report["outcome"], report["restored"]) == ("rolled back", "1.0.0-abcdef01")
        assert report["back"] == "runs 1.0.0-abcdef01 again, with its state of before"
    else:
        assert report["outcome"] == "failed"
        assert "openclaw fleet rollback --restore-state --limit edge/ops" in report["reason"]


def test_the_release_before_is_remembered(
    server: Answers, wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also over deploys that only changed a file."""
    monkeypatch.setattr(gateway_unit, "Unit", FakeUnit)
    stamp = Path(wish["stamp"])
    for release, before in (("1-a", None), ("2-b", "1-a"), ("2-b", "1-a")):
        kept.keep(stamp)
        apply({**wish, "release": release})
        assert json.loads(stamp.read_text())["previousRelease"] == before


def test_status_tells_what_the_recipe_asks(
    server: Answers, wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unit, health and what was last applied."""
    monkeypatch.setattr(gateway_unit, "Unit", FakeUnit)
    Path(wish["stamp"]).write_text('{"applied": "f00d"}')
    server.bodies["/readyz"] = {"ready": False, "failing": ["a", {"id": "b"}]}
    assert status(wish) == {
        "active": True,
        "parked": False,
        "enabled": True,
        "stale": False,
        "healthy": True,
        "applied": "f00d",
        "failing": ["a", '{"id": "b"}'],
    }


@pytest.mark.parametrize("stamp", [None, "", "{", "[]", '{"other": 1}'])
def test_a_stamp_that_cannot_be_read_is_none(
    wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch, stamp: str | None
) -> None:
    """A half-written record counts as no record."""
    monkeypatch.setattr(gateway_unit, "Unit", FakeUnit)
    if stamp is not None:
        Path(wish["stamp"]).write_text(stamp)
    assert status(wish)["applied"] is None
