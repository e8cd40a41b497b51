"""What one `.env` file adds. Source: config-and-cli §2.4."""

from __future__ import annotations

from pathlib import Path

from clawfleet.config.env_files import MAX_LINES_NAMED, Variables


def test_what_is_known_stays(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("A=file\nB=file\n")
    found = Variables({"A": "before"})
    found.take(file, is_own=True)
    assert (found.environ, found.files) == ({"A": "before", "B": "file"}, [file])


def test_lines_that_say_nothing_are_counted_and_never_shown(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("half of a secret\n" * (MAX_LINES_NAMED + 2))
    found = Variables({})
    found.take(file, is_own=True)
    assert found.warnings[0] == f"{file}:1: not KEY=value; ignored"
    assert found.warnings[-1] == f"{file}: 2 more lines are not KEY=value; ignored"
    assert "secret" not in repr(found)


def test_a_file_that_is_not_there_or_is_none_says_nothing(tmp_path: Path) -> None:
    found = Variables({})
    for path in (tmp_path / "none", tmp_path, tmp_path / "x" / "y"):
        found.take(path, is_own=True)
    assert found == Variables({})
