"""Placing and removing the files of services."""

from __future__ import annotations

from pathlib import Path

import pytest

from clawfleet.host.service_file import CannotPlace, backup_of, place, remove


def test_a_file_is_placed_with_its_mode_and_the_former_one_kept(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "a.service"
    assert place(file, b"one", 0o600) is None
    assert place(file, b"two", 0o644) == backup_of(file)
    assert (file.read_bytes(), backup_of(file).read_bytes()) == (b"two", b"one")
    assert file.stat().st_mode & 0o777 == 0o644
    assert sorted(path.name for path in file.parent.iterdir()) == ["a.service", "a.service.bak"]


def test_removing_leaves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a.service"
    place(file, b"one", 0o600)
    place(file, b"two", 0o600)
    assert remove(file) is None
    assert list(tmp_path.iterdir()) == []
    assert remove(file) is None


def test_a_trash_keeps_it(tmp_path: Path) -> None:
    file, trash = tmp_path / "a.plist", tmp_path / ".Trash"
    place(file, b"one", 0o600)
    assert remove(file, trash=tmp_path / "no such") is None
    place(file, b"one", 0o600)
    trash.mkdir()
    assert remove(file, trash=trash) == trash / "a.plist"
    assert (trash / "a.plist").read_bytes() == b"one"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotPlace, match=r"cannot change .*/file/a\.service"):
        place(tmp_path / "file" / "a.service", b"", 0o600)
    (tmp_path / "folder.service").mkdir()
    (tmp_path / "folder.service.bak").mkdir()
    with pytest.raises(CannotPlace):
        remove(tmp_path / "folder.service")
