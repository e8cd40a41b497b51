"""`openclaw config`: what all `config` commands share."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from clawfleet.cli.context import CliContext
from clawfleet.cli.main import cli
from tests.unit.cli.conftest import Home, OpenClaw


def test_a_flag_without_effect_is_said(home: Home, tmp_path: Path) -> None:
    """The state directory of the environment wins over the profile that was typed."""
    other = str(tmp_path / "other")
    context = CliContext(profile="x", environ=home.environ | {"OPENCLAW_STATE_DIR": other}, cwd=home.root)
    done = CliRunner().invoke(cli, ["config", "file"], obj=context)
    assert done.stdout == f"{other}/openclaw.json\n"
    assert done.stderr == f"! OPENCLAW_STATE_DIR={other} wins over the profile x\n"


def test_a_broken_file_is_explained_by_every_command(openclaw: OpenClaw, home: Home) -> None:
    """Line, column, what was expected; nothing is overwritten."""
    home.write_config("{\n  a: 1\n  b: 2\n}")
    for line in (["get", "a"], ["set", "a", "1"], ["unset", "a"], ["validate"]):
        done = openclaw("config", *line)
        assert done.exit_code != 0
        assert "openclaw.json:3 — <root>: JSON5 parse failed" in done.stderr
        assert 'at 3:3, expected "," or "}"' in done.stderr
    assert home.config_path.read_text() == "{\n  a: 1\n  b: 2\n}"
