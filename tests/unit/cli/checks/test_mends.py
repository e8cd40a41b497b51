from __future__ import annotations

from pathlib import Path

from clawfleet.cli.checks.mends import Chmod, DropStaleLock, RepairConfig
from clawfleet.config.env import resolve_instance


def test_a_mode_is_changed_once(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.touch(mode=0o644)
    assert [str(change) for change in Chmod(file, 0o600, "a").apply().changes] == ["a: 0644 -> 0600"]
    assert Chmod(file, 0o600, "a").apply().changes == ()


def test_no_lock_is_nothing_to_do(tmp_path: Path) -> None:
    assert DropStaleLock(tmp_path, "x").apply().changes == ()


def test_a_config_is_mended_with_its_diff_and_its_secrets_masked(tmp_path: Path) -> None:
    instance = resolve_instance(environ={"HOME": str(tmp_path)}, cwd=tmp_path)
    text = '{\n  gateway: {mode: "local", tokn: 1, auth: {token: "verysecret1"}},\n}\n'
    instance.state_dir.mkdir()
    instance.config_path.write_text(text)
    mend = RepairConfig(instance, text)
    assert "verysecret1" not in mend.question
    assert "***" in mend.question
    mended = mend.apply()
    assert [change.path for change in mended.changes] == ["gateway.tokn"]
    assert "verysecret1" not in mended.diff
    assert RepairConfig(instance, instance.config_path.read_text()).apply().changes == ()
