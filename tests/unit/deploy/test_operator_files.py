"""Files that people edit beside a fleet: what is wrong with one is told, what is written is whole."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from clawfleet.fleet.problems import FleetInvalidError
from operator_files import alone, read_memory, read_text, write_whole


def test_text_that_cannot_be_had_is_a_finding_with_file_and_cure(tmp_path: Path) -> None:
    """Never a traceback."""
    (tmp_path / "fleet.json5").write_bytes(b"{ version: 1, // J\xfcrgen\n}")
    for path, reason in ((tmp_path / "fleet.json5", "is not UTF-8 from byte 18 on"), (tmp_path, "Is a directory")):
        with pytest.raises(FleetInvalidError) as caught:
            read_text(path)
        (problem,) = caught.value.problems
        assert str(path) in problem.message and reason in problem.message
        assert problem.hint


def test_a_memory_may_be_edited_as_its_first_line_says(tmp_path: Path) -> None:
    """A line that was taken out leaves a comma behind; what is no object is told, and never taken for an empty one."""
    path = tmp_path / "fleet.lock.json5"
    assert read_memory(path) == {}
    path.write_text('// Remove a line.\n{\n  "ports": {"a/x": 18789},\n}\n')
    assert read_memory(path) == {"ports": {"a/x": 18789}}
    for text in ("{ ports: {", "[]", ""):
        path.write_text(text)
        with pytest.raises(FleetInvalidError) as caught:
            read_memory(path)
        assert caught.value.problems[0].message.startswith(f"{path}: ")


def test_a_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    """With its mode; nothing is left of a write that fails."""
    path = tmp_path / "secrets.env"
    write_whole(path, "A=1\n", 0o600)
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("A=1\n", 0o600)
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "\udcff")
    assert [found.name for found in tmp_path.iterdir()] == ["secrets.env"]
    assert path.read_text() == "A=1\n"


def test_one_run_at_a_time_changes_a_file(tmp_path: Path) -> None:
    """The second waits, and finds what the first put there, also where that is another file."""
    path = tmp_path / "secrets.env"
    seen = []

    def second() -> None:
        with alone(path, 0o600):
            seen.append(path.read_text())

    with alone(path, 0o600):
        assert (path.read_text(), path.stat().st_mode & 0o777) == ("", 0o600)
        thread = threading.Thread(target=second)
        thread.start()
        write_whole(path, "A=1\n", 0o600)
        assert seen == []
    thread.join(60)
    assert seen == ["A=1\n"]
