"""The files of a workspace, and nothing outside it."""

from pathlib import Path

import pytest

from clawfleet.agents import workspace_files
from clawfleet.agents.workspace_files import (
    SHAPING,
    FileTooLarge,
    FileUnusable,
    NoSuchName,
    NotThere,
    Outside,
    browse,
    read_any,
    read_shaping,
    shaping_file,
    write_shaping,
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_text("s3cret")
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    return workspace


def test_a_file_is_written_and_read(place: Path) -> None:
    assert read_shaping(place, "AGENTS.md") is None
    entry = write_shaping(place, "AGENTS.md", "# hi\n")
    assert (entry.path, entry.size) == ("AGENTS.md", 5)
    assert read_shaping(place, "AGENTS.md") == (entry, "# hi\n")
    assert shaping_file(place, "AGENTS.md") == entry


def test_the_first_write_makes_the_workspace(tmp_path: Path) -> None:
    write_shaping(tmp_path / "new", "SOUL.md", "")
    assert (tmp_path / "new/SOUL.md").read_text() == ""


@pytest.mark.parametrize("name", ["notes.md", "../secret.txt", "/etc/passwd", "AGENTS.md/..", "agents.md", ""])
def test_only_the_files_that_shape_an_agent_are_written(place: Path, name: str) -> None:
    for use in (lambda: write_shaping(place, name, "x"), lambda: read_shaping(place, name)):
        with pytest.raises(NoSuchName):
            use()


def test_a_link_that_leads_out_is_not_followed(place: Path, tmp_path: Path) -> None:
    (place / "USER.md").symlink_to(tmp_path / "secret.txt")
    for use in (lambda: write_shaping(place, "USER.md", "x"), lambda: read_shaping(place, "USER.md")):
        with pytest.raises(Outside):
            use()
    assert (tmp_path / "secret.txt").read_text() == "s3cret"
    assert browse(place, "") == []


def test_a_link_that_stays_inside_is_written_through(place: Path) -> None:
    (place / "real.md").write_text("old")
    (place / "USER.md").symlink_to(place / "real.md")
    write_shaping(place, "USER.md", "new")
    assert (place / "real.md").read_text() == "new"


def test_what_is_too_large_is_neither_read_nor_written(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace_files, "MAX_BYTES", 4)
    with pytest.raises(FileTooLarge):
        write_shaping(place, "AGENTS.md", "12345")
    (place / "AGENTS.md").write_text("12345")
    for use in (lambda: read_shaping(place, "AGENTS.md"), lambda: read_any(place, "AGENTS.md")):
        with pytest.raises(FileTooLarge):
            use()


def test_what_is_no_text_is_said_to_be_none(place: Path) -> None:
    (place / "AGENTS.md").write_bytes(b"\xff\xfe")
    with pytest.raises(FileUnusable):
        read_shaping(place, "AGENTS.md")
    assert (read_any(place, "AGENTS.md").encoding, read_any(place, "AGENTS.md").text) == ("base64", "//4=")


def test_a_directory_is_listed_directories_first(place: Path) -> None:
    (place / "b.txt").write_text("b")
    (place / "a").mkdir()
    (place / "a/c.txt").write_text("ccc")
    assert [(row.path, row.kind) for row in browse(place, "")] == [("a", "directory"), ("b.txt", "file")]
    assert [(row.path, row.size) for row in browse(place, "a/")] == [("a/c.txt", 3)]
    found = read_any(place, "a/c.txt")
    assert (found.entry.path, found.mime_type, found.text) == ("a/c.txt", "text/plain", "ccc")


@pytest.mark.parametrize("path", ["..", "../secret.txt", "a/../../secret.txt", "~/x", "a\0b"])
def test_paths_that_lead_out_are_refused(place: Path, path: str) -> None:
    for use in (browse, read_any):
        with pytest.raises(Outside):
            use(place, path)


def test_what_is_not_there_is_said_so(place: Path, tmp_path: Path) -> None:
    with pytest.raises(NotThere):
        browse(place, "nowhere")
    with pytest.raises(NotThere):
        read_any(place, "nowhere")
    assert browse(tmp_path / "not made yet", "") == []


def test_a_leading_slash_means_the_workspace(place: Path) -> None:
    (place / "etc").mkdir()
    assert browse(place, "/etc") == []


def test_what_a_prompt_carries_can_be_edited() -> None:
    from clawfleet.agents.workspace import PROMPT_FILES

    assert set(PROMPT_FILES) <= set(SHAPING)
