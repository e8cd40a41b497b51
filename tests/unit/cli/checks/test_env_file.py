from __future__ import annotations

import os
from pathlib import Path

import pytest

from clawfleet.config.env_digest import KEY_FILE, digests
from clawfleet.host.lock import StateLock
from tests.unit.cli.checks.conftest import Look
from tests.unit.cli.conftest import Home


def test_a_line_that_says_nothing_is_named_without_its_text(home: Home, look: Look) -> None:
    (home.state_dir / ".env").write_text("OPENAI_API_KEY sk-secretsecret\n")
    found = look("env/lines")["env.line_ignored"]
    assert found.path.endswith(".env:1")
    assert "sk-secret" not in repr(found)


def test_an_environment_that_overrules_the_profile_is_told(
    home: Home, look: Look, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    assert look("env/lines", {"OPENCLAW_STATE_DIR": str(other)}) == {}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_keys_that_the_gateways_user_cannot_read_are_an_error(home: Home, look: Look) -> None:
    file = home.state_dir / ".env"
    file.write_text("A=1\n")
    file.chmod(0o600)
    assert look("env/readable") == {}
    os.chown(home.state_dir, 12345, 12345)
    found = look("env/readable")["env.unreadable_by_gateway"]
    assert found.fix == f"sudo chown 12345 {file}"
    os.chown(file, 12345, 12345)
    assert look("env/readable") == {}


def test_keys_changed_under_a_running_gateway_want_a_reload(home: Home, look: Look) -> None:
    file = home.state_dir / ".env"
    file.write_text("A=1\nB=1\n")
    lock = StateLock.acquire(home.store_dir, port=1, config_path=home.config_path)
    (home.store_dir / KEY_FILE).write_text("key")
    try:
        lock.note_env(digests(home.state_dir, b"key"))
        assert look("env/changed") == {}
        file.write_text("A=2\nB=1\n")
        found = look("env/changed")["env.changed_since_start"]
        assert (found.evidence, found.fix.split(",")[0]) == ("A", "openclaw secrets reload")
    finally:
        lock.release()
    assert look("env/changed") == {}


def test_a_file_that_cannot_be_read_is_an_error(home: Home, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command goes on without its keys; here it is said what that means."""

    file = home.state_dir / ".env"

    def refuse(path: Path) -> None:
        if path == file:
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("clawfleet.config.env_files._read", refuse)
    found = look("env/lines")["env.unreadable"]
    assert found.severity == "error"
    assert f"Cannot read {file}: Permission denied." in found.message
