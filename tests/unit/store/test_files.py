"""Private files: owner-only, whole or not at all."""

from pathlib import Path

import pytest

from clawfleet.store.files import NoSuchPlace, private_dir, write_private


def test_a_private_directory_is_owner_only_and_its_parents_too(tmp_path: Path) -> None:
    folder = private_dir(tmp_path / "a" / "b")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert folder.parent.stat().st_mode & 0o777 == 0o700


def test_an_open_directory_is_tightened(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o755)
    assert private_dir(folder).stat().st_mode & 0o777 == 0o700


def test_a_written_file_is_owner_only_and_replaces_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "token"
    write_private(target, "old")
    write_private(target, b"new")
    assert target.read_text() == "new"
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_failed_write_leaves_the_old_file_and_no_rest(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    (target / "kept").write_text("x")
    with pytest.raises(OSError):
        write_private(target, "cannot replace a directory")
    assert [item.name for item in tmp_path.iterdir()] == ["folder"]


def test_what_cannot_be_a_directory_is_told_and_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    file.chmod(0o644)
    for place in (file, file / "below"):
        with pytest.raises(NoSuchPlace, match=f"cannot use {place} as a directory: ") as caught:
            private_dir(place)
        assert caught.value.exit_code == 78
    assert file.stat().st_mode & 0o777 == 0o644
