"""The script is printed, or put where the shell finds it, once."""

from __future__ import annotations

import json

import pytest

from tests.unit.cli.conftest import Home, OpenClaw


def test_it_is_printed_for_a_shell_or_the_one_in_use(openclaw: OpenClaw) -> None:
    printed = openclaw("completion", "--shell", "bash").stdout
    assert "complete -o default -F _openclaw openclaw" in printed
    assert openclaw("completion", SHELL="/bin/bash").stdout == printed
    assert json.loads(openclaw("completion", "--shell", "bash", "--json").stdout)["script"] == printed


def test_an_unknown_shell_is_asked_for(openclaw: OpenClaw) -> None:
    done = openclaw("completion", SHELL="/bin/tcsh")
    assert done.exit_code == 2
    assert "--shell bash|zsh|fish" in done.stderr


@pytest.mark.parametrize(("shell", "profile"), [("bash", ".bashrc"), ("zsh", ".zshrc"), ("bash", ".bash_profile")])
def test_the_start_up_file_loads_it_once(openclaw: OpenClaw, home: Home, shell: str, profile: str) -> None:
    file = home.root / profile
    file.write_text("alias ll='ls -l'\n")
    file.chmod(0o644)
    first = openclaw("completion", "--shell", shell, "--install")
    assert first.exit_code == 0, first.output
    text = file.read_text()
    assert text.startswith("alias ll='ls -l'\n# OpenClaw Completion\n")
    assert str(home.state_dir / "completions" / f"openclaw.{shell}") in text
    assert file.stat().st_mode & 0o777 == 0o644
    assert openclaw("completion", "--shell", shell, "--install").stdout == "No change\n"
    assert file.read_text() == text


def test_fish_looks_by_itself(openclaw: OpenClaw, home: Home) -> None:
    openclaw("completion", "--shell", "fish", "--install")
    assert (home.root / ".config" / "fish" / "completions" / "openclaw.fish").exists()
    assert sorted(path.name for path in home.root.iterdir()) == [".config", ".openclaw"]


def test_a_start_up_file_that_cannot_be_changed_is_said(openclaw: OpenClaw, home: Home) -> None:
    (home.root / ".bashrc").mkdir()
    done = openclaw("completion", "--shell", "bash", "--install", "--json")
    assert json.loads(done.stdout)["error"]["code"] == "COMPLETION_NOT_INSTALLED"
