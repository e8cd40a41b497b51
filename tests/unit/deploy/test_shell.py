"""Shell text for hosts."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from shell import HiddenText, Target, as_user, forget, refuse, write_command

SECRET = "hunter2-hunter2"


def sh(script: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", "-c", script], input=stdin, capture_output=True, text=True, check=False)


def test_files_of_a_user_are_touched_as_that_user() -> None:
    """Root never follows what a user may have planted."""
    assert as_user("ada", "echo 'a b'").startswith("cd / && runuser -u ada -- sh -c ")
    assert as_user("root", "id") == "sh -c id"


def test_a_file_is_replaced_in_one_step_with_its_mode(tmp_path: Path) -> None:
    """The old file is never half-written, the new one never wider than asked for."""
    path = tmp_path / "a b'c"
    path.write_text("old")
    path.chmod(0o644)
    command = write_command(Target(str(path), "root", "600"), HiddenText(f"KEY={SECRET}\n"))
    done = sh(str(command), command.connector_arguments["_stdin"])  # type: ignore[arg-type]
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert path.read_text() == f"KEY={SECRET}\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_in_the_place_of_the_file_is_replaced_and_not_followed(tmp_path: Path) -> None:
    """What the link pointed at stays as it was."""
    other, path = tmp_path / "other", tmp_path / "file"
    other.write_text("untouched")
    path.symlink_to(other)
    command = write_command(Target(str(path), "root", "600"), HiddenText("new\n"))
    assert sh(str(command), "new\n").returncode == 0
    assert other.read_text() == "untouched"
    assert not path.is_symlink()


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    """A directory in the way is an error, and the temporary file is removed."""
    (tmp_path / "file").mkdir()
    command = write_command(Target(str(tmp_path / "file"), "root", "600"), HiddenText("x\n"))
    assert sh(str(command), "x\n").returncode != 0
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_hidden_text_shows_nowhere_but_on_standard_input() -> None:
    """Neither the command, its plan nor its representation carries the value."""
    content = HiddenText(f"KEY={SECRET}\n")
    command = write_command(Target("/x/.env", "ada", "600"), content)
    for shown in (repr(content), str(content), repr(command), str(command), command.get_raw_value()):
        assert SECRET not in shown
    with pytest.raises(ValueError, match="line break"):
        HiddenText("KEY=1")


def test_refusing_fails_with_the_reason() -> None:
    """The host fails, and a person reads why."""
    done = sh(str(refuse("it's wrong; $HOME")))
    assert (done.returncode, done.stderr) == (1, "it's wrong; $HOME\n")


def test_forgetting_needs_a_stamp() -> None:
    """Files without a gateway behind them have none."""
    assert forget(None) == []
    assert [str(command) for command in forget("/etc/x y")] == ["python3 /opt/clawfleet/lib/kept.py keep '/etc/x y'"]
