from __future__ import annotations

import os
import stat

import pytest

from tests.unit.cli.checks.conftest import Look
from tests.unit.cli.conftest import Home


def test_what_others_can_read_or_write_is_closed_once(home: Home, look: Look) -> None:
    home.write_config("{}")
    env = home.state_dir / ".env"
    env.write_text("A=1")
    home.store_dir.mkdir(mode=0o700)
    token = home.store_dir / "gateway-token"
    token.write_text("t")
    for path, mode in ((home.config_path, 0o664), (env, 0o644), (token, 0o640), (home.state_dir, 0o755)):
        path.chmod(mode)
    found = look("files/modes")
    assert {check_id: finding.severity for check_id, finding in found.items()} == {
        "fs.config.perms_writable": "error",
        "fs.env_file.perms_readable": "error",
        "fs.state_dir.perms_readable": "warning",
        "fs.store.perms_readable": "warning",
    }
    assert found["fs.config.perms_writable"].fix == "chmod 600 ~/.openclaw/openclaw.json"
    assert look("files/modes", fix=True) == {}
    assert [stat.S_IMODE(path.stat().st_mode) for path in (env, token, home.state_dir)] == [0o600, 0o600, 0o700]


def test_backups_and_old_key_files_hold_keys_too(home: Home, look: Look) -> None:
    old = home.state_dir / "agents" / "main" / "agent"
    old.mkdir(parents=True)
    for path in (home.state_dir / "openclaw.json.bak.1", old / "auth-profiles.json"):
        path.write_text("{}")
        path.chmod(0o644)
    assert set(look("files/modes")) == {"fs.config_backup.perms_readable", "fs.auth_profiles.perms_readable"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_files_of_another_user_are_counted(home: Home, look: Look) -> None:
    home.write_config("{}")
    assert look("files/owners") == {}
    os.chown(home.config_path, 12345, 12345)
    found = look("files/owners")["fs.owner_differs"]
    assert "openclaw.json" in found.evidence
    assert found.fix.startswith("sudo chown -R 0 ")


def test_a_linked_config_is_told_with_its_target(home: Home, look: Look) -> None:
    target = home.root / "elsewhere.json"
    target.write_text("{}")
    home.config_path.symlink_to(target)
    assert str(target) in look("files/links")["fs.config.symlink"].message


def test_included_files_are_kept_as_private(home: Home, look: Look) -> None:
    part = home.state_dir / "log.json5"
    part.write_text('{level: "debug"}')
    part.chmod(0o644)
    home.write_config('{gateway: {mode: "local"}, logging: {$include: "./log.json5"}}')
    assert "fs.config_include.perms_readable" in look("files/modes")
    assert look("files/modes", fix=True) == {}
