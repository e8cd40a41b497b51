"""The state of before an upgrade."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

import archives
import audit
import kept
import snapshots
import state
from clawfleet.fleet.models.fleet import Rollout
from command import CommandError
from operations.snapshots import kept_state
from places import ARCHIVE
from tests.unit.deploy.recipes import gateway, run


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A gateway that runs release 1.0.0-a; its command makes an archive of its own name each time."""
    monkeypatch.setattr(audit, "LOG", tmp_path / "audit.log")
    made: list[Path] = []

    def openclaw(spec: dict[str, Any], *words: str) -> str:
        made.append(Path(words[-1]) / f"{len(made)}{ARCHIVE}")
        made[-1].write_text(f"state {len(made)}")
        return "{}"

    monkeypatch.setattr(state, "openclaw", openclaw)
    (tmp_path / "current").symlink_to(tmp_path / "1.0.0-a")
    (tmp_path / "records").mkdir()
    return {
        "id": "edge/ops",
        "user": "root",
        "link": str(tmp_path / "current"),
        "backups": str(tmp_path / "backups"),
        "stamp": str(tmp_path / "records" / "applied.json"),
        "snapshots": 2,
    }


def test_a_snapshot_is_roots_own_and_known_by_the_release_that_made_it(spec: dict[str, Any]) -> None:
    """Another release's would not fit."""
    archive = snapshots.take(spec)
    assert archive.stat().st_mode & 0o777 == 0o600
    assert snapshots.of_release(spec, "1.0.0-a") == archive
    assert snapshots.of_release(spec, "0.9.0-b") is None
    archive.unlink()
    assert snapshots.of_release(spec, "1.0.0-a") is None


def test_a_command_that_leaves_no_archive_has_failed(spec: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its exit code says."""
    monkeypatch.setattr(state, "openclaw", lambda *_: "{}")
    with pytest.raises(CommandError, match="left no archive"):
        snapshots.take(spec)


def test_only_so_many_stay(spec: dict[str, Any]) -> None:
    """The newest of them."""
    for age in range(4):
        archive = snapshots.take(spec)
        os.utime(archive, (1000 + age, 1000 + age))
    assert sorted(path.read_text() for path in archive.parent.iterdir()) == ["state 3", "state 4"]


def test_no_upgrade_goes_on_without_one(spec: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what would."""

    def openclaw(spec: dict[str, Any], *words: str) -> str:
        raise CommandError("disk full")

    monkeypatch.setattr(state, "openclaw", openclaw)
    with pytest.raises(
        SystemExit, match=r"edge/ops: its state cannot be kept before the upgrade: disk full.*snapshots: 0"
    ):
        snapshots.main(spec)


def test_a_link_that_somebody_bent_does_not_hide_the_release_that_runs(spec: dict[str, Any], tmp_path: Path) -> None:
    """The records have it, also those of before a deploy that broke off."""
    target = str(tmp_path / "1.0.0-a")
    (tmp_path / "current").unlink()
    (tmp_path / "current").symlink_to(tmp_path / "none")
    assert snapshots.running(spec) == tmp_path / "none"
    stamp = Path(spec["stamp"])
    for place in (stamp.with_name("previous") / "stamp.json", stamp):
        place.parent.mkdir(exist_ok=True)
        place.write_text(json.dumps({"applied": "x", "target": target}))
        assert snapshots.running(spec) == Path(target)
        place.unlink()
    (tmp_path / "none").mkdir()
    assert snapshots.running(spec) == tmp_path / "none"


def test_a_release_that_stays_needs_none() -> None:
    """Nor does a gateway that has none yet."""
    item = gateway()
    for found in (None, "/opt/clawfleet/releases/1.0.0-a"):
        assert run(kept_state, {"LinkTarget": found}, item, "1.0.0-a", Rollout()).commands == []
    (command,) = run(kept_state, {"LinkTarget": "/opt/clawfleet/releases/0.9.0-b"}, item, "1.0.0-a", Rollout()).commands
    assert command.startswith("python3 /opt/clawfleet/lib/snapshots.py take ")
    assert json.loads(command.partition("'")[2].rpartition("'")[0])["snapshots"] == 3


def test_state_is_replaced_and_the_fleets_own_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`.env` is as before, whatever the archive held."""
    env, archive = tmp_path / ".env", tmp_path / f"a{ARCHIVE}"
    env.write_text("TOKEN=now\n")
    archive.write_text("archive")
    spec = {"user": "root", "env": str(env)}

    def openclaw(spec: dict[str, Any], *words: str) -> str:
        assert words[:2] == ("backup", "restore") and Path(words[2]).read_text() == "archive"
        env.write_text("TOKEN=of then\n")
        return ""

    monkeypatch.setattr(state, "openclaw", openclaw)
    monkeypatch.setattr(state, "owned_again", lambda _: None)
    assert state.replaced(spec, archive) is None
    assert kept.read_as("root", str(env)) == b"TOKEN=now\n"

    def fails(spec: dict[str, Any], *words: str) -> str:
        raise CommandError("damaged")

    monkeypatch.setattr(state, "openclaw", fails)
    assert state.replaced(spec, archive) == "damaged"
    archive.unlink()
    assert state.replaced(spec, archive) == f"{archive}: No such file or directory"
    monkeypatch.setattr(kept, "WRITE", "echo no room >&2; exit 1")
    assert state.replaced(spec, tmp_path / ".env") == "no room"


def test_half_a_workspace_is_no_backup(spec: dict[str, Any], tmp_path: Path) -> None:
    """Its disk was full, or its place is gone: the state is kept all the same, and the reason told."""
    order = {"gateways": [spec | {"workspace": str(tmp_path / "gone")}], "keep": 2, "by": "me@here"}
    (report,) = archives.backup(order)
    assert report["outcome"] == "failed"
    assert "No such file or directory" in report["reason"]
    assert [path.name for path in (tmp_path / "backups").iterdir()] == [f"0{ARCHIVE}"]
