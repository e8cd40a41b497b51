"""A secret is kept in `.env`, owner-only, and never printed."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from clawfleet.cli.secrets_set import EnvFileUnusable, keep
from tests.unit.cli.conftest import Home, OpenClaw


def test_it_is_read_from_stdin_and_named_for_the_config(openclaw: OpenClaw, home: Home) -> None:
    file = home.state_dir / ".env"
    file.write_text("# mine\nOTHER=1\n")
    file.chmod(0o644)
    done = openclaw("secrets", "set", "OPENAI_API_KEY", stdin="sk-very#secret\nmore\n")
    assert done.exit_code == 0
    assert "${OPENAI_API_KEY}" in done.stdout
    assert "sk-very" not in done.output
    assert file.read_text() == "# mine\nOTHER=1\nOPENAI_API_KEY='sk-very#secret'\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert openclaw("secrets", "set", "OPENAI_API_KEY", stdin="sk-very#secret\n").stdout.startswith("No change")


def test_the_config_can_use_it_at_once(openclaw: OpenClaw, home: Home) -> None:
    home.write_config('{gateway: {mode: "local", auth: {token: "${GATE}"}}}')
    assert "Missing env var" in openclaw("config", "validate").stdout
    openclaw("secrets", "set", "GATE", stdin="0123456789abcdef01234567\n")
    assert "warning" not in openclaw("config", "validate").stdout


@pytest.mark.parametrize("name", ["lower", "A-B", ""])
def test_a_name_that_is_none_is_refused_before_anything_is_read(openclaw: OpenClaw, home: Home, name: str) -> None:
    done = openclaw("secrets", "set", name, "--json", stdin="x\n")
    assert json.loads(done.stdout)["ok"] is False
    assert done.exit_code == 2
    assert not (home.state_dir / ".env").exists()


def test_an_empty_secret_is_refused(openclaw: OpenClaw, home: Home) -> None:
    assert openclaw("secrets", "set", "A", stdin="\n").exit_code == 2
    assert not (home.state_dir / ".env").exists()


def test_json_tells_the_reference(openclaw: OpenClaw) -> None:
    document = json.loads(openclaw("secrets", "set", "A", "--json", stdin="x\n").stdout)
    assert (document["ok"], document["changed"], document["reference"]) == (True, True, "${A}")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_writes_belongs_to_the_gateways_user(tmp_path: Path) -> None:
    os.chown(tmp_path, 12345, 12345)
    keep(tmp_path / ".env", "A", "x")
    assert (tmp_path / ".env").stat().st_uid == 12345


def test_a_file_that_cannot_be_changed_is_said(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    with pytest.raises(EnvFileUnusable):
        keep(tmp_path / ".env", "A", "x")
