"""Files come back; what they replace is kept; a gateway that runs is not touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clawfleet.cli import backup_restore
from clawfleet.host.lock import StateLock
from tests.unit.cli.conftest import Home, OpenClaw


@pytest.fixture
def archive(openclaw: OpenClaw, home: Home) -> str:
    home.write_config('{gateway: {mode: "local", port: 19001}}')
    (home.state_dir / ".env").write_text("A=old\n")
    home.store_dir.mkdir()
    (home.store_dir / "instance-id").write_text("old")
    assert openclaw("backup", "create", "--output", "b.tar.gz").exit_code == 0
    return str(home.root / "b.tar.gz")


def change(home: Home) -> None:
    home.write_config('{gateway: {mode: "local", port: 19002}}')
    (home.store_dir / "instance-id").write_text("new")
    (home.store_dir / "instance-id-wal").write_text("of the new one")


def test_what_is_replaced_is_kept_beside_it(openclaw: OpenClaw, home: Home, archive: str) -> None:
    change(home)
    refused = openclaw("backup", "restore", archive)
    assert refused.exit_code == 1
    assert "--yes" in refused.stderr
    done = json.loads(openclaw("backup", "restore", archive, "--yes", "--json").stdout)
    assert "19001" in home.config_path.read_text()
    assert (home.store_dir / "instance-id").read_text() == "old"
    assert not (home.store_dir / "instance-id-wal").exists()
    kept = Path(done["keptIn"])
    assert "19002" in (kept / "openclaw.json").read_text()
    assert (kept / "clawfleet" / "instance-id").read_text() == "new"
    assert (kept / "clawfleet" / "instance-id-wal").exists()
    assert list(home.state_dir.glob(".restore-*")) == []
    assert not (home.store_dir / "gateway.lock").exists()


def test_a_running_gateway_is_not_touched(openclaw: OpenClaw, home: Home, archive: str) -> None:
    change(home)
    lock = StateLock.acquire(home.store_dir, port=1, config_path=home.config_path)
    try:
        done = openclaw("backup", "restore", archive, "--yes")
    finally:
        lock.release()
    assert done.exit_code == 78
    assert "already running" in done.stderr
    assert (home.store_dir / "instance-id").read_text() == "new"


def test_a_new_directory_is_a_state_dir(openclaw: OpenClaw, home: Home, archive: str) -> None:
    done = openclaw("backup", "restore", archive, "--target", "restored")
    assert done.exit_code == 0
    assert (home.root / "restored" / "clawfleet" / "instance-id").read_text() == "old"
    assert (home.root / "restored" / ".env").stat().st_mode & 0o077 == 0
    again = openclaw("backup", "restore", archive, "--target", "restored")
    assert (again.exit_code, "is not empty" in again.stderr) == (1, True)


def test_a_fresh_home_asks_nothing(openclaw: OpenClaw, home: Home, archive: str) -> None:
    done = openclaw("backup", "restore", archive, OPENCLAW_PROFILE="other")
    assert done.exit_code == 0, done.output
    assert (home.root / ".openclaw-other" / ".env").read_text() == "A=old\n"
    assert "What was there" not in done.stdout


def test_a_failure_in_the_middle_leaves_what_was(
    openclaw: OpenClaw, home: Home, archive: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(home)
    move = backup_restore._move

    def failing(old: Path, new: Path, moved: list[tuple[Path, Path]]) -> None:
        if new.name == "instance-id" and new.parent == home.store_dir:
            raise OSError("no space left")
        move(old, new, moved)

    monkeypatch.setattr(backup_restore, "_move", failing)
    done = openclaw("backup", "restore", archive, "--yes", "--json")
    assert json.loads(done.stdout)["error"]["code"] == "RESTORE_FAILED"
    assert "19002" in home.config_path.read_text()
    assert (home.store_dir / "instance-id").read_text() == "new"


def test_a_broken_archive_changes_nothing(openclaw: OpenClaw, home: Home, archive: str) -> None:
    Path(archive).write_bytes(Path(archive).read_bytes()[:200])
    assert openclaw("backup", "restore", archive, "--yes").exit_code == 1
    assert (home.store_dir / "instance-id").read_text() == "old"


def test_included_files_go_where_they_were(openclaw: OpenClaw, home: Home) -> None:
    (home.state_dir / "parts").mkdir()
    (home.state_dir / "parts" / "log.json5").write_text('{level: "debug"}')
    home.write_config('{gateway: {mode: "local"}, logging: {$include: "./parts/log.json5"}}')
    assert openclaw("backup", "create", "--output", "b.tar.gz").exit_code == 0
    (home.state_dir / "parts" / "log.json5").unlink()
    assert openclaw("backup", "restore", str(home.root / "b.tar.gz"), "--yes").exit_code == 0
    assert openclaw("config", "validate").exit_code == 0
    openclaw("backup", "restore", str(home.root / "b.tar.gz"), "--target", "fresh")
    assert (home.root / "fresh" / "parts" / "log.json5").read_text() == '{level: "debug"}'
